/** The reference server as a library: start it in a process of your own. */
export { type RunningServer, type ServerOptions, startServer } from './server.js'
