import { createEventBus } from '@smacks/bus-events'
import type { BusEvent } from '@smacks/runtime'
import { busCompliance } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'

const names = [
  'smacks-ack-delayed',
  'smacks-hibernation-start',
  'smacks-hibernation-stanza-queued',
  'smacks-hibernation-end',
] as const

describe('the bus in one process', () => {
  busCompliance<string>({
    describe,
    it,
    expect,
    stanza: text => text,
    create: () => {
      const bus = createEventBus<string>({ onListenerError: () => undefined })
      const heard: Array<BusEvent<string>> = []
      for (const name of names) bus.on(name, event => void heard.push(event))
      const addFailingListener = () => {
        for (const name of names)
          bus.on(name, () => {
            throw new Error('a listener that fails')
          })
      }
      return { bus, heard: () => heard, addFailingListener }
    },
  })
})
