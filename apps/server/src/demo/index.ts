/** The demo of `npm start`. */
export * from './demo.js'
export * from './how-to-connect.js'
export type { DemoAccount } from './stage.js'
