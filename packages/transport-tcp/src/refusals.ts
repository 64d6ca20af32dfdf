/** Connections that are not taken, and are told so. */
import type { Socket } from 'node:net'

export interface Refusals {
  /** Says why, where that can be said in the clear, and ends the connection. */
  readonly refuse: (socket: Socket, reason: string, directTls: boolean) => void
  /** Ends all that still listen. */
  readonly stop: () => void
}

/** So many are told at a time; beyond that a connection is just ended. */
const mostTold = 100

/** A peer has so many milliseconds to hear it. */
const hearingTime = 1000

export const createRefusals = (encode: ((reason: string) => string) | undefined): Refusals => {
  const told = new Set<Socket>()
  return {
    refuse: (socket, reason, directTls) => {
      if (encode === undefined || directTls || told.size >= mostTold) {
        socket.destroy()
        return
      }
      told.add(socket)
      const timer = setTimeout(() => socket.destroy(), hearingTime).unref()
      socket.once('close', () => {
        clearTimeout(timer)
        told.delete(socket)
      })
      socket.on('error', () => socket.destroy())
      // Unread input would make a RST of the end, which may overtake what is said.
      socket.resume()
      socket.end(encode(reason))
    },
    stop: () => {
      for (const socket of told) socket.destroy()
    },
  }
}
