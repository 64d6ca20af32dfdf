/** The event bus in one process. */
export * from './bus.js'
export * from './events.js'
