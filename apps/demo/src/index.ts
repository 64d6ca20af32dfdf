/** The demo of `npm start`: two real clients on a server, whose lines are cut. */
export * from './demo.js'
export * from './result.js'
