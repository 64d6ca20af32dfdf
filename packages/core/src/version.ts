/**
 * The version of the reducer: raised whenever some event in some state leads to another state, or to other effects, than
 * before. A recording names the one it was made with.
 */
export const reducerVersion = 1
