/** A simulated network, at the level of bytes and in virtual time. */
export { type Line, type LineEnd, type LineListener, otherSide, type Side, sides } from './line.js'
export * from './link.js'
