import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { createVirtualHost, turnsCompliance } from '@smacks/testkit'
import { createTurns, hostDefer } from '@smacks/timers-host'
import { describe, expect, it } from 'vitest'

const runner = { describe, it, expect }

/** Several tasks, one after the other: however slow the machine, what was asked before comes first. */
const aWhile = async () => {
  for (let task = 0; task < 6; task += 1) await new Promise<void>(resolve => setTimeout(resolve, 3))
}

describe('virtual turns', () => {
  turnsCompliance({
    ...runner,
    create: () => {
      const { turns, settle } = createVirtualHost()
      return { turns, settle }
    },
  })
})

describe("the host's turns", () => {
  turnsCompliance({ ...runner, create: () => ({ turns: createTurns(), settle: aWhile }) })
})

describe('turns of a host without setImmediate', () => {
  turnsCompliance({
    ...runner,
    create: () => {
      const open: Array<MessagePort> = []
      class Channel {
        readonly port1: Receiver
        readonly port2: MessagePort
        constructor() {
          const { port1, port2 } = new MessageChannel()
          open.push(port1, port2)
          this.port1 = receiverOf(port1)
          this.port2 = port2
        }
      }
      const turns = createTurns(hostDefer({ MessageChannel: Channel, setTimeout }))
      return { turns, settle: aWhile, end: () => open.forEach(port => void port.close()) }
    },
  })
})

describe('turns of a host with setTimeout alone', () => {
  turnsCompliance({ ...runner, create: () => ({ turns: createTurns(hostDefer({ setTimeout })), settle: aWhile }) })
})

interface Receiver {
  onmessage: ((event: never) => void) | null
}

/** A port of Node's, with `onmessage` as browsers have it. */
const receiverOf = (port: MessagePort): Receiver => {
  const receiver: Receiver = { onmessage: null }
  port.on('message', message => receiver.onmessage?.(message as never))
  return receiver
}
