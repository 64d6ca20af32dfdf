import type { ServerConfig } from './server-config.js'

/** The configuration in force. Some of it changes while the server runs, so it is asked for where it is needed. */
export interface Settings {
  current: ServerConfig
}
