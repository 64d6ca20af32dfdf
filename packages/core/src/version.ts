/** Versions of the reducer, and what each of them meant. */
import type { Config } from './config.js'

/**
 * The version of the reducer: raised whenever some event in some state leads to another state, or to other effects, than
 * before. A recording and a journal name the one they were made with.
 */
export const reducerVersion = 2

/** Where reducer 1 decided otherwise than this one does by itself. */
const semanticsOfReducer1 = {
  acksCoverSentOnly: false,
  limitsAlwaysHold: false,
  rememberBroken: false,
} satisfies Partial<Config>

/**
 * The options under which this reducer makes of the events of an earlier one the same states. `config` has what an
 * operator sets; versions from 2 on write all options with what they were made under, so that there is nothing to add.
 */
export const configOfReducer = (version: number, config: Config): Config =>
  version === 1 ? { ...config, ...semanticsOfReducer1 } : config
