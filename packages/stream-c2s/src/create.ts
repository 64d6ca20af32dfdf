import type { Connection, ConnectionHandler } from '@smacks/stream'
import { ClientStream } from './client-stream.js'
import type { C2sOptions } from './options.js'

export const createC2s =
  (options: C2sOptions) =>
  (connection: Connection): ConnectionHandler =>
    new ClientStream(options, connection)
