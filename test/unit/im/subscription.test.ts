/** RFC 6121, Appendix A: each cell of each table. */
import { describe, expect, it } from 'vitest'
import {
  approvedBeforehand,
  type SubscriptionState,
  type SubscriptionType,
  subscriptionStates,
  whenReceived,
  whenSent,
} from '../../../packages/im/src/presence/subscription.js'

/** The states in the order of the appendix: one a column. */
const columns = ['none', 'none+out', 'none+in', 'none+out+in', 'to', 'to+in', 'from', 'from+out', 'both'] as const

/** A cell: does the stanza pass, and the next state, `.` if it stays. */
type Cells = readonly [string, string, string, string, string, string, string, string, string]

const tables: ReadonlyArray<readonly ['A.2' | 'A.3', SubscriptionType, Cells]> = [
  ['A.2', 'subscribe', ['+none+out', '+.', '+none+out+in', '+.', '+.', '+.', '+from+out', '+.', '+.']],
  ['A.2', 'unsubscribe', ['+.', '+none', '+.', '+none+in', '+none', '+none+in', '+.', '+from', '+from']],
  ['A.2', 'subscribed', ['-.', '-.', '+from', '+from+out', '-.', '+both', '-.', '-.', '-.']],
  ['A.2', 'unsubscribed', ['-.', '-.', '+none', '+none+out', '-.', '+to', '+none', '+none+out', '+to']],
  ['A.3', 'subscribe', ['+none+in', '+none+out+in', '-.', '-.', '+to+in', '-.', '-.', '-.', '-.']],
  ['A.3', 'unsubscribe', ['-.', '-.', '+none', '+none+out', '-.', '+to', '+none', '+none+out', '+to']],
  ['A.3', 'subscribed', ['-.', '+to', '-.', '+to+in', '-.', '-.', '-.', '+both', '-.']],
  ['A.3', 'unsubscribed', ['-.', '+none', '-.', '+none+in', '+none', '+none+in', '-.', '+from', '+from']],
]

describe('the subscription state machine', () => {
  it('has the nine states of A.1', () => {
    expect(subscriptionStates).toEqual(columns)
  })

  for (const [section, type, cells] of tables)
    for (const [column, state] of columns.entries()) {
      const cell = cells[column] ?? ''
      const next = cell.slice(1) === '.' ? state : cell.slice(1)
      const passes = cell.startsWith('+')
      const direction = section === 'A.2' ? 'sent' : 'received'
      it(`${section}: ${type}, ${direction} in state ${state}, ${passes ? 'passes' : 'stops'} and leads to ${next}`, () => {
        const transition = section === 'A.2' ? whenSent(type, state) : whenReceived(type, state)
        expect(transition).toEqual({ passes, next })
      })
    }

  const approvals: ReadonlyArray<readonly [SubscriptionState, SubscriptionState]> = [
    ['none', 'from'],
    ['none+out', 'from+out'],
    ['to', 'both'],
  ]
  for (const [before, after] of approvals)
    it(`§3.4: a contact who was approved in state ${before} is in state ${after} once it asks`, () => {
      expect(approvedBeforehand(before)).toBe(after)
    })
})
