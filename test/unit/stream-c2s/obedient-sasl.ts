/**
 * A mechanism that does what the client tells it: `user NAME` lets NAME in, `user NAME with DATA` also sends DATA, `ask
 * TEXT` challenges with TEXT, `later ORDER` obeys the order some promises later, `fail CONDITION` fails, `throw` breaks the contract. All else fails with not-authorized.
 */
import type { Sasl, SaslCondition, SaslStep } from '../../../packages/sasl/src/mechanism.js'

const conditions: ReadonlyArray<string> = [
  'account-disabled',
  'invalid-authzid',
  'malformed-request',
  'not-authorized',
] satisfies ReadonlyArray<SaslCondition>

const isCondition = (text: string | undefined): text is SaslCondition => text !== undefined && conditions.includes(text)

const obey = (order: string): SaslStep | Promise<SaslStep> => {
  const [verb, operand = '', , data] = order.split(' ')
  switch (verb) {
    case 'user':
      return data === undefined
        ? { _tag: 'Success', username: operand }
        : { _tag: 'Success', username: operand, data: Buffer.from(data) }
    case 'ask':
      return { _tag: 'Challenge', data: Buffer.from(operand) }
    case 'later':
      return Promise.resolve().then(() => obey(order.slice('later '.length)))
    case 'throw':
      throw new Error('the mechanism broke')
    default:
      return { _tag: 'Failure', condition: isCondition(operand) ? operand : 'not-authorized', text: `<${order}>` }
  }
}

export const obedientSasl = (mechanisms: ReadonlyArray<string> = ['OBEY']): Sasl => ({
  mechanisms: () => mechanisms,
  channelBindings: () => [],
  start: (mechanism, context) =>
    context.advertised.includes(mechanism) ? { next: message => obey(Buffer.from(message).toString()) } : undefined,
})
