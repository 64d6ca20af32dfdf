/** How the command `smacks` talks to a server that runs on the same data, and who owns that data. */

export { type AskProblem, ask } from './client.js'
export type { ControlLog } from './conversation.js'
export { type Handler, handlerOf } from './handler.js'
export { LineTooLong, linesOf } from './lines.js'
export { type Control, type ControlOptions, openControl } from './listener.js'
export { foreignOwner, type OwnershipOptions, ownData, unreachableText } from './ownership.js'
export { type DataFolder, fits, longestLine, longestPath, socketPath, type Verb } from './protocol.js'
