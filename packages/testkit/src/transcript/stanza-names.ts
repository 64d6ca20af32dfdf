/** Stanzas of a story: the first letter of a name tells the kind, flags in brackets tell the rest. */
import type { StanzaFacts } from '@smacks/core'

const kinds: Readonly<Record<string, Pick<StanzaFacts, 'name' | 'type'>>> = {
  m: { name: 'message', type: 'chat' },
  n: { name: 'message', type: 'normal' },
  h: { name: 'message', type: 'headline' },
  g: { name: 'message', type: 'groupchat' },
  e: { name: 'message', type: 'error' },
  p: { name: 'presence', type: 'available' },
  q: { name: 'iq', type: 'get' },
  s: { name: 'iq', type: 'set' },
  r: { name: 'iq', type: 'result' },
  x: { name: 'iq', type: 'error' },
}

/** The kinds, for those who make names up. */
export const stanzaLetters: ReadonlyArray<string> = Object.keys(kinds)

/** `full`: to this very resource; otherwise a stanza goes to the bare JID. */
const flags = ['again', 'archived', 'copy', 'delayed', 'full', 'silent', 'state', 'transient'] as const

export interface NamedStanza {
  /** The name without its flags: the payload of a story. */
  readonly name: string
  readonly facts: StanzaFacts
}

/** `m1(copy,archived)`: a chat message. Throws an `Error` that says what is allowed. */
export const parseStanzaName = (word: string): NamedStanza => {
  const [, name, letter, marked] = /^(([a-z])[a-z0-9-]*)(?:\(([a-z,]*)\))?$/.exec(word) ?? []
  const kind = letter === undefined ? undefined : kinds[letter]
  if (name === undefined || kind === undefined)
    throw new Error(`"${word}" names no stanza: the first letter must be one of ${stanzaLetters.join(' ')}`)
  const given = marked === undefined ? [] : marked.split(',')
  const unknown = given.find(flag => !flags.some(known => known === flag))
  if (unknown !== undefined) throw new Error(`"${word}" has the flag "${unknown}"; allowed are ${flags.join(', ')}`)
  const has = (flag: (typeof flags)[number]): boolean => given.includes(flag)
  return {
    name,
    facts: {
      ...kind,
      id: name,
      from: 'juliet@example.org/balcony',
      to: has('full') ? 'romeo@example.net/orchard' : 'romeo@example.net',
      ...(has('again') ? { again: true } : {}),
      ...(has('archived') ? { archived: true } : {}),
      ...(has('copy') ? { copy: true } : {}),
      ...(has('delayed') ? { delayed: true } : {}),
      ...(has('silent') ? { neverReturned: true } : {}),
      ...(has('state') ? { state: true } : {}),
      ...(has('transient') ? { transient: true } : {}),
    },
  }
}
