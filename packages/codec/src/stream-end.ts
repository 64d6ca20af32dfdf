/** How the parsing of a stream ends. */
import type { StreamFault } from './stream.js'

/** Ends the parsing from inside, since the parser cannot be told to stop. */
export class StreamEnd extends Error {
  /** What the peer got wrong; nothing if it closed the stream. */
  readonly fault: StreamFault | undefined

  constructor(fault?: StreamFault) {
    super(fault?.text ?? 'the stream was closed')
    this.fault = fault
  }
}

/** Ends it with a fault. */
export const fail = (fault: StreamFault): never => {
  throw new StreamEnd(fault)
}
