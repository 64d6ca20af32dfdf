/** XEP-0198 §10, Security Considerations. */
import { refusePremature } from '@smacks/core'
import { expect, test } from 'vitest'
import { drive, enabled, nonzas, sm3 } from './driver.js'

test('"a server MUST NOT allow a client to resume a session until after the client has authenticated": the answer is not-authorized', () => {
  expect(refusePremature('unauthenticated', sm3).condition).toBe('not-authorized')
})

test('"this helps to prevent session hijacking": the SM-ID of another account is as unknown as any', () => {
  const victim = enabled()
  victim.receive('n1')
  victim.lose()
  const before = victim.account()
  const thief = drive()
  expect(nonzas(thief.resume(0, 'c', 'SM-ID of phone'))).toEqual(nonzas(thief.resume(0, 'c', 'no SM-ID at all')))
  expect(nonzas(thief.resume(0, 'c', 'SM-ID of phone'))).toEqual([
    { _tag: 'Failed', version: sm3, condition: 'item-not-found' },
  ])
  expect(victim.account()).toBe(before)
})
