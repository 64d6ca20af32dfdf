/** The reference server as a library: start it in a process of your own. */
export { type ConfigError, describeConfigError, loadConfig } from './config/load-config.js'
export { createLog, type LogOptions } from './log.js'
export { type RunningServer, type ServerOptions, startServer } from './server.js'
