/** What an answer of SASL means for the stream, without a stream. */
import type { SaslAnswer, SaslFraming } from '@smacks/sasl'
import { describe, expect, test } from 'vitest'
import { type AuthenticationContext, answerSteps } from '../../../packages/stream-c2s/src/sasl.js'
import { authenticate } from './stage.js'
import { clientElement, me, refused, replied } from './steps.js'

const element = clientElement(authenticate('x'))
const context = (facts: Partial<AuthenticationContext> = {}): AuthenticationContext => ({
  domain: 'a.example',
  claimed: undefined,
  authenticate: undefined,
  admits: () => true,
  ...facts,
})
const steps = (framing: SaslFraming, answer: SaslAnswer, facts: Partial<AuthenticationContext> = {}) =>
  answerSteps(framing, context({ ...(framing === 'sasl2' ? { authenticate: element } : {}), ...facts }), answer)

const success = (username = 'romeo', data?: string): SaslAnswer => ({ _tag: 'Success', username, data })
const failure = (isLast: boolean): SaslAnswer => ({
  _tag: 'Failure',
  condition: 'not-authorized',
  text: 'no',
  isLast,
})
const fails = (framing: SaslFraming, condition: string) => [
  { _tag: 'FailAuthentication', framing, condition, text: expect.any(String) },
]
const advance = { _tag: 'Advance', account: me }
const stranger = { claimed: 'juliet@a.example' }
const closed = { admits: (account: string) => account !== me }

describe.each(['sasl', 'sasl2'] as const)('in the elements of %s', framing => {
  test('a challenge is sent', () =>
    expect(steps(framing, { _tag: 'Challenge', data: 'eA==' })).toEqual([
      { _tag: 'Reply', xml: expect.stringMatching(/^<challenge [^>]*>eA==</) },
    ]))

  test('a failure is sent, and the last one ends the stream', () => {
    expect(steps(framing, failure(false))).toEqual([replied('failure', 'not-authorized')])
    expect(steps(framing, failure(true))).toEqual([replied('failure', 'not-authorized'), refused('policy-violation')])
  })

  test('nobody gets into an account that is being removed', () =>
    expect(steps(framing, success(), closed)).toEqual(fails(framing, 'not-authorized')))

  test.each(['', 'a@b', 'a/b', 'a b'])('there is no user %j', username =>
    expect(steps(framing, success(username))).toEqual(
      fails(framing, framing === 'sasl' ? 'not-authorized' : 'invalid-authzid'),
    ),
  )
})

describe('success', () => {
  test('of SASL expects a new stream, whose header will say who it is from', () => {
    const [first, second, ...others] = steps('sasl', success('Romeo', 'eA=='), stranger)
    expect([first, second]).toEqual([advance, replied('success')])
    expect(second).toMatchObject({ xml: expect.stringContaining('>eA==<') })
    expect(others).toEqual([{ _tag: 'Restart' }])
  })

  test('of SASL2 goes on with what its <authenticate/> asked for', () =>
    expect(steps('sasl2', success('Romeo', 'eA=='), { claimed: me })).toEqual([
      advance,
      { _tag: 'Succeed', account: me, data: 'eA==', authenticate: element },
    ]))

  test('of SASL2 is for whom the header of the stream is from', () =>
    expect(steps('sasl2', success(), stranger)).toEqual(fails('sasl2', 'invalid-authzid')))
})
