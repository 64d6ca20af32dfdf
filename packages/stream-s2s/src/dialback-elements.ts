/** The elements of Server Dialback (XEP-0220 §2), from and to XML. The prefix `db` is declared by our stream header. */
import {
  domainOf,
  type Element,
  escapeAttribute,
  escapeText,
  type StreamFault,
  stanzaErrorNamespace,
} from '@smacks/codec'
import { brief, ns } from '@smacks/stream'
import { type Either, isLeft, left, right } from '#fp-ts/Either'

/** Both are domains, normalised. In a request `from` is the one that wants to send; in an answer it is `to`. */
export interface DialbackPair {
  readonly from: string
  readonly to: string
}

/** The result of a verification (§2.4.2): the key is valid, or invalid, or could not be verified for this reason. */
export type DialbackOutcome =
  | { readonly type: 'valid' }
  | { readonly type: 'invalid' }
  | { readonly type: 'error'; readonly condition: DialbackCondition }

/** `<db:result/>` with a key: let me send you stanzas of `from` to `to`. */
export interface ResultRequest extends DialbackPair {
  readonly _tag: 'ResultRequest'
  readonly key: string
}

/** `<db:result/>` with a type: you may, or not. */
export type ResultAnswer = DialbackPair & DialbackOutcome & { readonly _tag: 'ResultAnswer' }

/** `<db:verify/>` with a key: did you make this one for the stream `id`? */
export interface VerifyRequest extends DialbackPair {
  readonly _tag: 'VerifyRequest'
  readonly id: string
  readonly key: string
}

/** `<db:verify/>` with a type: yes, or no. */
export type VerifyAnswer = DialbackPair & DialbackOutcome & { readonly _tag: 'VerifyAnswer'; readonly id: string }

export type Dialback = ResultRequest | ResultAnswer | VerifyRequest | VerifyAnswer

/** The conditions of §2.4.2, and the one that stands for all others, each with the type of its error (RFC 6120 §8.3.3). */
export const dialbackConditions = {
  forbidden: 'auth',
  'internal-server-error': 'cancel',
  'item-not-found': 'cancel',
  'not-acceptable': 'modify',
  'not-authorized': 'auth',
  'policy-violation': 'modify',
  'remote-connection-failed': 'cancel',
  'remote-server-not-found': 'cancel',
  'remote-server-timeout': 'wait',
  'resource-constraint': 'wait',
  'undefined-condition': 'cancel',
} as const

export type DialbackCondition = keyof typeof dialbackConditions

/** The result in an answer, without its addresses: to be passed on to somebody else. */
export const outcomeOf = (answer: DialbackOutcome): DialbackOutcome =>
  answer.type === 'error' ? { type: 'error', condition: answer.condition } : { type: answer.type }

/** True for an element of dialback, known or not. */
export const isDialback = (element: Element): boolean => element.getNS() === ns.dialback

/** Decodes an element for which `isDialback` holds. `Left` is what to end the stream with. */
export const decodeDialback = (element: Element): Either<StreamFault, Dialback> => {
  const name = element.getName()
  if (name !== 'result' && name !== 'verify')
    return left({
      condition: 'unsupported-stanza-type',
      text: `<${brief(element.name)}/> is no element of dialback, allowed: <db:result/> and <db:verify/>.`,
    })
  const addresses = pairOf(element)
  if (isLeft(addresses)) return addresses
  const decoded = contentIn(element)
  if (isLeft(decoded)) return decoded
  const pair = addresses.right
  const content = decoded.right
  if (name === 'result')
    return right(
      'key' in content ? { _tag: 'ResultRequest', ...pair, ...content } : { _tag: 'ResultAnswer', ...pair, ...content },
    )
  const id = bounded(element, 'id', element.attrs.id)
  if (isLeft(id)) return id
  const verify = { ...pair, id: id.right }
  return right(
    'key' in content
      ? { _tag: 'VerifyRequest', ...verify, ...content }
      : { _tag: 'VerifyAnswer', ...verify, ...content },
  )
}

/** The element as XML. */
export const encodeDialback = (dialback: Dialback): string => {
  switch (dialback._tag) {
    case 'ResultRequest':
      return elementText('result', dialback, '', escapeText(dialback.key))
    case 'ResultAnswer':
      return elementText('result', dialback, typeOf(dialback), contentOf(dialback))
    case 'VerifyRequest':
      return elementText('verify', dialback, idOf(dialback), escapeText(dialback.key))
    case 'VerifyAnswer':
      return elementText('verify', dialback, idOf(dialback) + typeOf(dialback), contentOf(dialback))
  }
}

// Reading

/** Characters of a key or an id; those of real servers have less than a hundred. */
const maxCharacters = 1_000

const pairOf = ({ name, attrs }: Element): Either<StreamFault, DialbackPair> => {
  const from = domainOf(attrs.from ?? '')
  const to = domainOf(attrs.to ?? '')
  return from === undefined || to === undefined
    ? left({
        condition: 'improper-addressing',
        text: `<${brief(name)}/> is from '${brief(attrs.from ?? '')}' to '${brief(attrs.to ?? '')}'; both must be domains.`,
      })
    : right({ from, to })
}

/** Without a type it is a request. */
const contentIn = (element: Element): Either<StreamFault, DialbackOutcome | { readonly key: string }> => {
  const { type } = element.attrs
  switch (type) {
    case undefined: {
      const key = bounded(element, 'key', element.getText().trim())
      return isLeft(key) ? key : right({ key: key.right })
    }
    case 'valid':
    case 'invalid':
      return right({ type })
    case 'error':
      return right({ type, condition: conditionOf(element) })
    default:
      return left(
        fault(element, `has the type '${brief(type)}', allowed: 'valid', 'invalid', 'error', or none with a key`),
      )
  }
}

/** Any other condition, or none, counts as `undefined-condition`. */
const conditionOf = (element: Element): DialbackCondition => {
  // Its namespace is that of the stream, which not every peer gets right.
  const error = element.getChildElements().find(child => child.getName() === 'error')
  const conditions = error?.getChildElements().filter(child => child.getNS() === stanzaErrorNamespace) ?? []
  return conditions.map(child => child.getName()).find(isCondition) ?? 'undefined-condition'
}

const isCondition = (name: string): name is DialbackCondition => Object.hasOwn(dialbackConditions, name)

const bounded = (element: Element, what: 'id' | 'key', value: string | undefined): Either<StreamFault, string> =>
  value === undefined || value === '' || value.length > maxCharacters
    ? left(
        fault(element, `has the ${what} '${brief(value ?? '')}', allowed: a text of 1 to ${maxCharacters} characters`),
      )
    : right(value)

const fault = ({ name }: Element, what: string): StreamFault => ({
  condition: 'bad-format',
  text: `<${brief(name)}/> ${what}.`,
})

// Writing

const elementText = (name: string, { from, to }: DialbackPair, attributes: string, content: string): string => {
  const start = `<db:${name} from='${escapeAttribute(from)}' to='${escapeAttribute(to)}'${attributes}`
  return content === '' ? `${start}/>` : `${start}>${content}</db:${name}>`
}

const idOf = ({ id }: { readonly id: string }): string => ` id='${escapeAttribute(id)}'`

const typeOf = ({ type }: DialbackOutcome): string => ` type='${type}'`

const contentOf = (outcome: DialbackOutcome): string => {
  if (outcome.type !== 'error') return ''
  const { condition } = outcome
  return `<error type='${dialbackConditions[condition]}'><${condition} xmlns='${stanzaErrorNamespace}'/></error>`
}
