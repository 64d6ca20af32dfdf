/**
 * Whatever the links between two servers lose, rosters and presence agree once they stand again: each server says what is
 * (RFC 6121 §§3, 4), and asks for what it may have missed (§4.3).
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SubscriptionType } from '../../../packages/im/src/presence/subscription.js'
import { runs } from '../../property/runs.js'
import type { Side } from './houses.js'
import { type Lossy, openLossy, opposite, sides } from './lossy.js'

const side = fc.constantFrom<Side>('here', 'there')
const speech = fc.oneof(
  fc.record({
    act: fc.constant('manages' as const),
    side,
    type: fc.constantFrom<SubscriptionType>('subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'),
  }),
  fc.record({
    act: fc.constant('shows' as const),
    side,
    resource: fc.constantFrom('desk' as const, 'phone' as const),
    status: fc.constantFrom('reading', 'writing', 'asleep'),
  }),
  fc.record({ act: fc.constant('leaves' as const), side }),
  fc.record({ act: fc.constant('removes' as const), side }),
)
type Speech = Parameters<typeof speak>[1]

const speak = (
  lossy: Lossy,
  act:
    | { readonly act: 'leaves' | 'removes'; readonly side: Side }
    | { readonly act: 'manages'; readonly side: Side; readonly type: SubscriptionType }
    | { readonly act: 'shows'; readonly side: Side; readonly resource: 'desk' | 'phone'; readonly status: string },
): void => {
  switch (act.act) {
    case 'manages':
      return lossy.manages(act.side, act.type)
    case 'shows':
      return lossy.shows(act.side, act.resource, act.status)
    default:
      return lossy[act.act](act.side)
  }
}

const friends = (lossy: Lossy): void => {
  for (const one of sides) {
    lossy.manages(one, 'subscribe')
    lossy.arrives(one)
    lossy.manages(opposite[one], 'subscribed')
    lossy.heals()
  }
}

const agree = (lossy: Lossy): void => {
  for (const one of sides) {
    const { own, contact } = lossy.beliefs(one)
    expect({ [one]: own }).toEqual({ [one]: contact })
    expect({ [one]: lossy.view(one) }).toEqual({ [one]: own === 'granted' ? lossy.reality(opposite[one]) : {} })
  }
}

describe('what a link swallowed', () => {
  it('is said anew, whatever it was, and in which direction, and if it did arrive', () => {
    /** One act of one of the links. */
    const turn = fc.oneof(
      { weight: 4, arbitrary: speech },
      fc.record({ act: fc.constantFrom('cuts' as const, 'breaks' as const, 'stands' as const, 'acks' as const), side }),
    )
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.array(turn, { maxLength: 24 }), (resend, befriended, turns) => {
        const lossy = openLossy(resend)
        if (befriended) friends(lossy)
        /** Links that take what they are given and bring none of it, and those that keep it. */
        const [cut, down] = [new Set<Side>(), new Set<Side>()]
        const carry = (): void => {
          while (sides.some(one => !cut.has(one) && !down.has(one) && lossy.arrives(one)));
        }
        for (const one of turns) {
          if (one.act === 'cuts') cut.add(one.side)
          else if (one.act === 'breaks') {
            cut.delete(one.side)
            down.add(one.side)
            lossy.breaks(one.side)
          } else if (one.act === 'acks') {
            if (!cut.has(one.side)) lossy.acks(one.side)
          } else if (one.act === 'stands') {
            if (cut.delete(one.side)) lossy.breaks(one.side)
            down.delete(one.side)
            lossy.stands(one.side)
          } else speak(lossy, one as Speech)
          carry()
        }
        for (const one of cut) lossy.breaks(one)
        lossy.heals()
        agree(lossy)
      }),
      runs(150),
    )
  })

  it('is a request that the contact refuses while it waits for the link, and that is withdrawn when it got there', () => {
    const lossy = openLossy()
    lossy.manages('here', 'subscribe')
    lossy.arrives('here')
    lossy.acks('here')
    lossy.breaks('here')
    lossy.manages('here', 'subscribe')
    lossy.manages('there', 'unsubscribed')
    lossy.arrives('there')
    lossy.heals()
    agree(lossy)
    expect(lossy.state('there')).toBe('none')
  })

  it('is a refusal that the contact did not hear, and its next request has that for its answer', () => {
    const lossy = openLossy()
    friends(lossy)
    lossy.breaks('here')
    lossy.manages('here', 'unsubscribed')
    lossy.manages('there', 'subscribe')
    lossy.arrives('there')
    expect(lossy.state('here')).toBe('to')
    lossy.heals()
    agree(lossy)
    expect([lossy.state('here'), lossy.state('there')]).toEqual(['to', 'from'])
  })

  it('is a grant that the contact did not hear, and one that was taken back before', () => {
    const lossy = openLossy()
    lossy.manages('there', 'subscribe')
    lossy.arrives('there')
    lossy.manages('here', 'subscribed')
    lossy.breaks('here')
    lossy.manages('there', 'unsubscribe')
    lossy.arrives('there')
    lossy.manages('there', 'subscribe')
    lossy.arrives('there')
    lossy.heals()
    agree(lossy)
    expect([lossy.state('here'), lossy.state('there')]).toEqual(['none+in', 'none+out'])
  })
})
