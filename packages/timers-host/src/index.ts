/** Time, turns and randomness of a JavaScript host: Node, Deno, Bun, browsers. */
export * from './clock.js'
export * from './entropy.js'
export * from './timers.js'
export * from './turns.js'
