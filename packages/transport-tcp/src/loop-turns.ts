/** Turns of the event loop, told apart: what one connection may take of each is bounded. */

/** Tells the number of the turn. It costs one callback for each turn in which it is asked for. */
export const createTurnCounter = (): (() => number) => {
  let turn = 0
  let counts = false
  return () => {
    if (!counts) {
      counts = true
      setImmediate(() => {
        turn += 1
        counts = false
      })
    }
    return turn
  }
}
