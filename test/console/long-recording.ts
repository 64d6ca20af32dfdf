/** A recording of any length: messages to a client that acks them, loses its line now and then, and resumes. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { jsonPayload } from '@smacks/codec'
import { type Account, defaultConfig, type Event, emptyAccount, step } from '@smacks/core'
import { createRecorder } from '@smacks/replay'

const account = 'juliet@example.org'
const version = 'urn:xmpp:sm:3'
const linesAtOnce = 2000

/** Writes so many steps at least, and gives how many messages were sent. */
export const writeLongRecording = (path: string, steps: number): number => {
  const file = openSync(path, 'w')
  let lines: Array<string> = []
  const flush = (): void => {
    writeSync(file, lines.join(''))
    lines = []
  }
  const recorder = createRecorder({
    payload: jsonPayload,
    config: defaultConfig,
    by: 'the tests',
    redacted: false,
    outcome: 'full',
    now: () => 0,
    write: line => {
      lines.push(`${line}\n`)
      if (lines.length >= linesAtOnce) flush()
    },
  })
  let [made, at, sent, cut] = [0, 1_700_000_000_000, 0, 0]
  let state: Account<unknown> = emptyAccount
  const happen = (event: Omit<Event<unknown>, 'at'> & Record<string, unknown>): void => {
    at += 7
    made += 1
    const [after, effects] = step(defaultConfig)(state, { at, ...event } as Event<unknown>)
    recorder.observe({
      account,
      before: state as never,
      event: { at, ...event } as never,
      after: after as never,
      effects: effects as never,
    })
    state = after
  }
  const resource = 'balcony'
  happen({ _tag: 'SessionBound', resource, connection: 'c0' })
  happen({ _tag: 'EnableReceived', resource, connection: 'c0', version, resume: true, freshId: 'sm', max: 600 })
  while (made < steps) {
    const connection = `c${cut}`
    for (let count = 0; count < 10; count += 1) {
      sent += 1
      const facts = {
        name: 'message',
        type: 'chat',
        id: `m${sent}`,
        from: 'romeo@example.net/orchard',
        to: `${account}/${resource}`,
      }
      happen({
        _tag: 'StanzaSubmitted',
        resource,
        stanza: `<message id='m${sent}'><body>Hark!</body></message>`,
        facts,
      })
    }
    if (sent % 1000 === 0) {
      happen({ _tag: 'ConnectionLost', resource, connection })
      cut += 1
      happen({ _tag: 'ResumeReceived', connection: `c${cut}`, version, previd: 'sm', h: sent - 3 })
    }
    happen({ _tag: 'AckReceived', resource, connection: `c${cut}`, version, h: sent })
  }
  flush()
  closeSync(file)
  return sent
}
