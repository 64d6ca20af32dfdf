/** A small HTTP listener of a server for its operator. */
export { defaultHttpLimits, type HttpLimits } from './limits.js'
export { createHttpListener, type HttpListener, type HttpOptions } from './listener.js'
export { probes } from './probes.js'
export { createReadiness, type Readiness } from './readiness.js'
export {
  type Access,
  type Answer,
  type HttpRequest,
  type Route,
  type Sink,
  type StreamedAnswer,
  sentence,
  type Upgrade,
  type WholeAnswer,
} from './route.js'
export {
  addressText,
  allowedToken,
  defaultHttpSettings,
  exposures,
  type HttpSettings,
  isLoopback,
  isToken,
} from './settings.js'
