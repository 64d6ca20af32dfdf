/** The reference server as a library: start it in a process of your own. */

export type { ListenAddress } from '@smacks/settings'
export { decodeServerConfig } from './config/decode-server-config.js'
export { type ConfigError, describeConfigError, loadConfig } from './config/load-config.js'
export {
  coreConfig,
  type Durability,
  defaultServerConfig,
  type FederationSettings,
  federates,
  type Limits,
  type LogLevel,
  type RecordSettings,
  type ServerConfig,
} from './config/server-config.js'
export { createLog, type LogOptions } from './log.js'
export { type RunningServer, type ServerOptions, startServer } from './server.js'
