/** The suites can fail: each mock here breaks one promise of its port, and the sentence that says so fails. */
import type { EventBus } from '@smacks/runtime'
import { busCompliance, type RecordingTransport, recordingTransport, transportCompliance } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'
import { breaks, brokenBy } from './trial.js'

describe('busCompliance catches', () => {
  const trial = (broken: (bus: EventBus<string>) => EventBus<string>, whenListenerFails: 'goes on' | 'throws') => () =>
    brokenBy(runner =>
      busCompliance<string>({
        ...runner,
        stanza: text => text,
        create: () => {
          const heard: Array<Parameters<EventBus<string>['publish']>[0]> = []
          let failing = false
          const bus = broken({ publish: event => void heard.push(event) })
          const publish: EventBus<string>['publish'] = event => {
            if (failing && whenListenerFails === 'throws') throw new Error('a listener failed')
            bus.publish(event)
          }
          return {
            bus: { publish },
            heard: () => heard,
            addFailingListener: () => {
              failing = true
            },
          }
        },
      }),
    )

  it('nothing in a bus that is right', async () => {
    expect(await trial(bus => bus, 'goes on')()).toEqual([])
  })
  breaks(
    'loses events',
    trial(() => ({ publish: () => undefined }), 'goes on'),
    /hands out AckDelayed/,
  )
  breaks(
    'loses one kind',
    trial(
      bus => ({
        publish: event => (event._tag === 'HibernationEnded' ? undefined : bus.publish(event)),
      }),
      'goes on',
    ),
    /hands out HibernationEnded/,
  )
  breaks(
    'leaves out who it is about',
    trial(
      bus => ({
        publish: event => bus.publish({ ...event, resource: '' }),
      }),
      'goes on',
    ),
    /as it was published/,
  )
  breaks(
    'says everything twice',
    trial(
      bus => ({
        publish: event => {
          bus.publish(event)
          bus.publish(event)
        },
      }),
      'goes on',
    ),
    /keeps the order/,
  )
  breaks(
    'passes on what a listener throws',
    trial(bus => bus, 'throws'),
    /does not throw when a listener fails/,
  )
})

describe('transportCompliance catches', () => {
  const trial = (broken: (transport: RecordingTransport<string>) => Partial<RecordingTransport<string>>) => () =>
    brokenBy(runner =>
      transportCompliance<string>({
        ...runner,
        stanza: text => text,
        create: () => {
          const whole = recordingTransport<string>(text => text)
          const transport = { ...whole, ...broken(whole) }
          return {
            transport,
            adopted: whole.adopted,
            connect: () => {
              const connection = whole.connect()
              return {
                connection,
                received: () => transport.lines(connection).join('\n'),
                ended: () => whole.ended(connection),
                closed: () => whole.lines(connection).some(line => line.startsWith('close')),
                writes: () => whole.writes(connection).map(write => write.join('\n')),
              }
            },
          }
        },
      }),
    )

  it('nothing in a transport that is right', async () => {
    expect(await trial(() => ({}))()).toEqual([])
  })
  breaks(
    'sends nothing',
    trial(() => ({ flush: () => undefined })),
    /in the order they were given/,
  )
  breaks(
    'sends twice',
    trial(transport => ({
      sendStanza: (...all) => {
        transport.sendStanza(...all)
        transport.sendStanza(...all)
      },
    })),
    /each thing once/,
  )
  breaks(
    'sends nonzas last',
    trial(transport => {
      const nonzas: Array<() => void> = []
      return {
        sendNonza: (...all) => void nonzas.push(() => transport.sendNonza(...all)),
        flush: () => {
          for (const send of nonzas.splice(0)) send()
          transport.flush()
        },
      }
    }),
    /in the order they were given/,
  )
  breaks(
    'delays everything',
    trial(transport => ({
      sendStanza: (connection, stanza, facts) => transport.sendStanza(connection, stanza, facts, 0),
    })),
    /time of what is sent again/,
  )
  breaks(
    'sends Enabled with the rest',
    trial(transport => ({
      sendNonza: (connection, nonza) =>
        nonza._tag === 'Enabled'
          ? transport.sendStanza(connection, `enabled ${nonza.id}`, { name: 'message', type: 'chat' })
          : transport.sendNonza(connection, nonza),
    })),
    /but Enabled alone/,
  )
  breaks(
    'mixes connections up',
    trial(transport => ({
      lines: () => [...transport.lines('c1'), ...transport.lines('c2')],
    })),
    /connections apart/,
  )
  breaks(
    'forgets to adopt',
    trial(() => ({ adopt: () => undefined })),
    /whose a connection is/,
  )
  breaks(
    'does not end',
    trial(() => ({ close: () => undefined })),
    /then ends/,
  )
  breaks(
    'does not drop',
    trial(() => ({ drop: () => undefined })),
    /leaves the stream unfinished/,
  )
  breaks(
    'closes what it is to drop',
    trial(transport => ({ drop: connection => transport.close(connection) })),
    /leaves the stream unfinished/,
  )
  breaks(
    'keeps the error to itself',
    trial(transport => ({
      close: connection => transport.close(connection),
    })),
    /then the error/,
  )
  breaks(
    'throws at unknown connections',
    trial(transport => ({
      sendStanza: (connection, ...rest) => {
        if (!connection.startsWith('c')) throw new Error('unknown connection')
        transport.sendStanza(connection, ...rest)
      },
    })),
    /does not know/,
  )
})
