/** `<resume/>` on an authenticated stream (XEP-0198 §5). */
import { decodeNonza, type Element, encodeNonza } from '@smacks/codec'
import { type Counter, handledBy, type Resume } from '@smacks/core'
import type { AccountId, Answer } from '@smacks/runtime'
import { versionOf } from '@smacks/stream'
import { isLeft } from '#fp-ts/Either'
import type { ClientStream } from './client-stream.js'

export const resumeElement = (stream: ClientStream, account: AccountId, element: Element): void => {
  const resume = decodeResume(element)
  if (resume === undefined) return stream.write(malformedResume(stream, account, element))
  const fill = stream.keepPlace()
  askToResume(stream, account, resume, nonza => fill([encodeNonza(nonza)]))
}

/** Asks the account; if it agrees, the connection is the session's from here on. True if it agreed. */
export const askToResume = (stream: ClientStream, account: AccountId, resume: Resume, answer: Answer): boolean => {
  const { version, previd, h } = resume
  const { connection, options } = stream
  const at = options.clock.now()
  const asked = { _tag: 'ResumeReceived', at, connection: connection.id, version, previd, h } as const
  const outcome = options.runtime.ask(account, asked, answer)
  if (outcome._tag === 'Resumed') stream.bound(account, outcome.resource)
  return outcome._tag === 'Resumed'
}

export const decodeResume = (element: Element): Resume | undefined => {
  const decoded = decodeNonza(element)
  return isLeft(decoded) || decoded.right._tag !== 'Resume' ? undefined : decoded.right
}

/** The answer to a `<resume/>` that makes no sense; if it names a session that is known, its client learns the `h` (§5). */
export const malformedResume = (stream: ClientStream, account: AccountId, element: Element): string =>
  malformedNonza(element, handledBy(stream.options.runtime.account(account), element.attrs.previd ?? ''))

/** The answer to an element of stream management that makes no sense (§6). */
export const malformedNonza = (element: Element, h?: Counter): string =>
  encodeNonza({
    _tag: 'Failed',
    version: versionOf(element),
    condition: 'bad-request',
    ...(h === undefined ? {} : { h }),
  })
