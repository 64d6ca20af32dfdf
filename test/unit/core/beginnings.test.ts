/** The whole state with which each phase begins: what is not said here has no place in it. */
import {
  type Active,
  defaultConfig,
  freshOutbound,
  fromArray,
  type Hibernating,
  type Resuming,
  toArray,
} from '@smacks/core'
import * as O from 'fp-ts/lib/Option.js'
import { expect, test } from 'vitest'
import { chat, type Drive, drive, enabled, initiated, nonzas, sm3 } from '../../spec/driver.js'

const start = 1_000_000
const noDeadlines = { ackDelay: undefined, ackHold: undefined, readProbe: undefined }
const resumption = { smId: 'SM-ID of phone', seconds: 600 }

const active: Active<string> = {
  _tag: 'Active',
  resource: 'phone',
  role: 'receiving',
  connection: 'to phone',
  version: sm3,
  resumption: O.some(resumption),
  inbound: { handled: 0 },
  outbound: freshOutbound,
  unwritten: 0,
  request: { awaiting: false, requestedFor: O.none, heldUntil: start },
  deadlines: noDeadlines,
  client: 'active',
  usesArchive: false,
}

/** What waits at this time, and the `<r/>` that asks for it at the end of a resumption. */
const waiting = { ...freshOutbound, unacked: fromArray([{ stanza: 'm1', facts: chat('m1'), at: start }]) }
const asked = { awaiting: true, requestedFor: O.some(1), heldUntil: 0 }

const asleep = (client: Drive): Drive => {
  client.submit('m1')
  client.lose()
  return client
}

/** A queue by its values: how it holds them is its own matter. */
const stateOf = (client: Drive) => {
  const session = client.session()
  if (!('outbound' in session)) return session
  return { ...session, outbound: { ...session.outbound, unacked: fromArray(unackedOf(client)) } }
}

const unackedOf = (client: Drive) => {
  const session = client.session()
  return 'outbound' in session ? toArray(session.outbound.unacked) : []
}

test('enabled by the client', () => {
  expect(stateOf(enabled())).toStrictEqual(active)
})

test('enabled by the client, without resumption', () => {
  const server = drive()
  server.bind()
  expect(nonzas(server.enable({ resume: false }))).toStrictEqual([{ _tag: 'Enabled', version: sm3, resume: false }])
  expect(stateOf(server)).toStrictEqual({ ...active, resumption: O.none })
})

test('enabled by us', () => {
  expect(stateOf(initiated())).toStrictEqual({
    ...active,
    role: 'initiating',
    request: { ...active.request, heldUntil: 0 },
  })
})

test('asleep, in both roles', () => {
  const hibernating: Hibernating<string> = {
    _tag: 'Hibernating',
    resource: 'phone',
    role: 'receiving',
    version: sm3,
    resumption,
    inbound: { handled: 0 },
    outbound: waiting,
    deadlines: { hibernation: start + 600_000 },
    since: start,
    usesArchive: false,
  }
  expect(stateOf(asleep(enabled()))).toStrictEqual(hibernating)
  expect(stateOf(asleep(initiated()))).toStrictEqual({ ...hibernating, role: 'initiating' })
})

test('resuming, and asleep again when that came to nothing', () => {
  const client = asleep(initiated())
  const before = stateOf(client)
  client.requestResume()
  const resuming: Resuming<string> = {
    _tag: 'Resuming',
    resource: 'phone',
    connection: 'new',
    version: sm3,
    resumption,
    inbound: { handled: 0 },
    outbound: waiting,
    deadlines: { hibernation: start + 600_000 },
    since: start,
  }
  expect(stateOf(client)).toStrictEqual(resuming)
  client.lose()
  expect(stateOf(client)).toStrictEqual(before)
})

test('resumed, in both roles', () => {
  const again: Active<string> = {
    ...active,
    connection: 'new',
    outbound: waiting,
    request: asked,
    deadlines: { ...noDeadlines, ackDelay: start + defaultConfig.maxAckDelay * 1000 },
  }
  const server = asleep(enabled())
  server.resume(0)
  expect(stateOf(server)).toStrictEqual(again)
  const client = asleep(initiated())
  client.requestResume()
  client.resumed(0)
  expect(stateOf(client)).toStrictEqual({ ...again, role: 'initiating' })
})

test('awake again after it was inactive', () => {
  const server = enabled()
  server.inactive()
  server.active()
  expect(stateOf(server)).toStrictEqual(active)
})

test('what was not asked for is not said', () => {
  const client = drive()
  client.bind()
  expect(nonzas(client.requestEnable())).toStrictEqual([{ _tag: 'Enable', version: sm3, resume: true }])
  const other = drive()
  other.bind()
  expect(nonzas(other.requestEnable(true, 60))).toStrictEqual([{ _tag: 'Enable', version: sm3, resume: true, max: 60 }])
})
