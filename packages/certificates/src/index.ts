/** A server's certificate and key. */
export { loadAuthorities } from './authorities.js'
export type { Identity } from './certificate.js'
export { type LoadedTls, loadTls, TlsError, type TlsFiles, type TlsOptions } from './load.js'
