import { monotonicInstant } from '@smacks/runtime'
import { createVirtualHost } from '@smacks/testkit'
import { expect, test } from 'vitest'
import { SessionTimers } from '../../../packages/runtime/src/session-timers.js'

const romeo = 'romeo@example.org'

const open = () => {
  const host = createVirtualHost()
  const fired: Array<string> = []
  const armed: Array<readonly [string, () => void]> = []
  const timers = new SessionTimers(
    {
      arm: (key, due, fire) => {
        armed.push([key, fire])
        host.timers.arm(key, due, fire)
      },
      disarm: host.timers.disarm,
    },
    (account, resource, timer, due) => fired.push(`${account}/${resource} ${timer} ${due}`),
  )
  const arm = (resource: string, timer: 'ackDelay' | 'hibernation', due: number): void =>
    timers.arm(romeo, resource, timer, due, monotonicInstant(due))
  return { host, fired, armed, timers, arm }
}

test('each timer of each session fires for itself, with what it was armed for last', () => {
  const { host, fired, arm, timers } = open()
  arm('orchard', 'ackDelay', 10)
  arm('orchard', 'hibernation', 20)
  arm('garden', 'ackDelay', 30)
  arm('orchard', 'ackDelay', 40)
  timers.arm('juliet@example.org', 'orchard', 'ackDelay', 50, monotonicInstant(50))
  host.advance(100)
  expect(fired).toEqual([
    'romeo@example.org/orchard hibernation 20',
    'romeo@example.org/garden ackDelay 30',
    'romeo@example.org/orchard ackDelay 40',
    'juliet@example.org/orchard ackDelay 50',
  ])
})

test('what is disarmed does not fire, also where it never was armed', () => {
  const { host, fired, arm, timers } = open()
  arm('orchard', 'ackDelay', 10)
  timers.disarm(romeo, 'orchard', 'ackDelay')
  timers.disarm(romeo, 'orchard', 'ackDelay')
  timers.disarm(romeo, 'orchard', 'hibernation')
  timers.disarm(romeo, 'nowhere', 'hibernation')
  host.advance(100)
  expect(fired).toEqual([])
  arm('orchard', 'ackDelay', 200)
  host.advance(200)
  expect(fired).toEqual(['romeo@example.org/orchard ackDelay 200'])
})

test('armed again and again it needs no other key and no other callback', () => {
  const { armed, arm, timers } = open()
  for (let round = 1; round <= 1_000; round += 1) {
    arm('orchard', 'ackDelay', round)
    timers.disarm(romeo, 'orchard', 'ackDelay')
  }
  expect(new Set(armed.map(([key]) => key)).size).toBe(1)
  expect(new Set(armed.map(([, fire]) => fire)).size).toBe(1)
})

test('one that fired may be armed again by whoever hears of it', () => {
  const { host, fired, arm } = open()
  arm('orchard', 'ackDelay', 10)
  host.advance(20)
  arm('orchard', 'ackDelay', 30)
  host.advance(20)
  expect(fired).toEqual(['romeo@example.org/orchard ackDelay 10', 'romeo@example.org/orchard ackDelay 30'])
})

test('sessions that come and go leave nothing for good, and those that are armed are not forgotten', () => {
  const { host, fired, arm, timers } = open()
  arm('stays', 'hibernation', 1_000)
  for (let round = 0; round < 10_000; round += 1) {
    arm(`session ${round}`, 'ackDelay', 500)
    arm(`session ${round}`, 'hibernation', 600)
    timers.disarm(romeo, `session ${round}`, 'ackDelay')
    timers.disarm(romeo, `session ${round}`, 'hibernation')
  }
  expect(timers.remembered).toBeLessThan(100)
  host.advance(2_000)
  expect(fired).toEqual(['romeo@example.org/stays hibernation 1000'])
})
