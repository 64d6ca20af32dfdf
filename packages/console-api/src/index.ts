/** What a console page asks of a running server, over HTTP. */
export { verbRoutes } from './verb-routes.js'
