/**
 * A simulated network between a client and a server: the client dials as many lines as it likes, and each can be
 * slow, held, cut at any byte, and half-open. Nothing happens but what a test does, or what the virtual clock brings.
 */
import type { ConnectionId } from '@smacks/core'
import { monotonicInstant } from '@smacks/runtime'
import type { VirtualHost } from '../virtual-host.js'
import { createLine, type Line, type LineEnd, type Side } from './line.js'

export interface LinkOptions {
  readonly host: Pick<VirtualHost, 'clock' | 'timers'>
  /** The server's end of a line that was dialled. */
  readonly accept: (end: LineEnd) => void
  /**
   * Milliseconds until what leaves now arrives at this side, as virtual time passes. Without it nothing arrives but
   * what is carried.
   */
  readonly delay?: (to: Side) => number
}

export interface Link {
  /** A new line. The server has its end when this returns. */
  readonly dial: () => LineEnd
  /** The lines that an end has not done with, oldest first. */
  readonly lines: () => ReadonlyArray<Line>
  readonly line: (id: ConnectionId) => Line | undefined
}

export const createLink = ({ host, accept, delay }: LinkOptions): Link => {
  const lines = new Map<ConnectionId, Line>()
  let dialled = 0
  const now = host.clock.monotonic

  const dial = (): LineEnd => {
    dialled += 1
    const id = `line-${dialled}`
    const { line, ends } = createLine(id, {
      now,
      due: to => (delay === undefined ? undefined : now() + delay(to)),
      wakeAt: (to, due, arrive) => host.timers.arm(wakeKey(id, to), monotonicInstant(due), arrive),
      over: () => {
        lines.delete(id)
        for (const to of ['client', 'server'] as const) host.timers.disarm(wakeKey(id, to))
      },
    })
    lines.set(id, line)
    accept(ends.server)
    return ends.client
  }

  return { dial, lines: () => [...lines.values()], line: id => lines.get(id) }
}

const wakeKey = (id: ConnectionId, to: Side): string => `link\n${id}\n${to}`
