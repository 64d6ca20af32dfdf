/** What random programs begin with. Made when it is asked for, so that no test runs what another one does. */
import { type Account, emptyAccount } from '@smacks/core'
import fc from 'fast-check'
import { type Drive, drive, enabled, initiated, sm3, withCounts } from '../spec/driver.js'

const nearWrap = 2 ** 32 - 3

/** Nobody there, or sessions in any phase: what happens in rare phases is tried often. */
export const start: fc.Arbitrary<Account<string>> = fc
  .constantFrom(
    () => emptyAccount,
    () => withCounts(enabled(), nearWrap, nearWrap),
    () => withCounts(initiated(), nearWrap, nearWrap),
    enabling,
    connecting,
    negotiating,
    () => hibernated().account(),
    resuming,
    notResumable,
    oneOfTwo,
  )
  .map(make => make())

/** A client that lost its line with a stanza unacked, shortly before its counters wrap. */
function hibernated(): Drive {
  const client = drive({}, withCounts(initiated(), nearWrap, nearWrap))
  client.submit('of old')
  client.lose()
  return client
}

/** Enabled by us, and not answered yet. */
function enabling(): Account<string> {
  const client = drive()
  client.bind()
  client.requestEnable()
  return client.account()
}

/** Wanted, and nobody is connected yet. */
function connecting(): Account<string> {
  const client = drive()
  client.want()
  client.submit('of old')
  return client.account()
}

/** The same, and what waits is held until the answer to `<enable/>`. */
function negotiating(): Account<string> {
  const client = drive()
  client.want()
  client.submit('of old')
  const where = { resource: 'phone', connection: 'negotiating' }
  client.happen({ _tag: 'EnableRequested', ...where, version: sm3, resume: true, hold: true })
  return client.account()
}

function resuming(): Account<string> {
  const client = hibernated()
  client.requestResume('resuming')
  return client.account()
}

function notResumable(): Account<string> {
  const server = drive()
  server.bind()
  server.enable({ resume: false })
  return server.account()
}

/** A client with one device asleep and another one awake. */
function oneOfTwo(): Account<string> {
  const server = enabled()
  server.lose()
  server.bind('desktop')
  server.enable({}, { resource: 'desktop' })
  return server.account()
}

/** What waits is held until the answer, every other time. */
export const asking = (much: number) => ({
  version: sm3,
  resume: much % 4 !== 3,
  ...(much % 2 === 0 ? { hold: true as const } : {}),
})
