/** What the steps of a client stream are decided by, as tests set it. */
import type { Element } from '@smacks/codec'
import { xmlStreamFraming } from '@smacks/stream'
import { expect } from 'vitest'
import type {
  AuthenticatedStream,
  ClientSession,
  UnauthenticatedStream,
} from '../../../packages/stream-c2s/src/facts.js'
import { elementOf } from '../stream-s2s/reading.js'

const header = xmlStreamFraming.open({ content: 'jabber:client', from: 'a.example' })

/** An element as a client sends it. */
export const clientElement = (xml: string): Element => elementOf(xml, header)

export const me = 'romeo@a.example'
export const connection = 'c1'

export const unauthenticated = (facts: Partial<UnauthenticatedStream> = {}): UnauthenticatedStream => ({
  isSecure: true,
  isPrivate: true,
  exchange: undefined,
  ...facts,
})

export const origin = (resource: string) => ({ at: 5, resource, connection })

/** An id is told by how many were made before. */
export const side = () => {
  let made = 0
  return {
    mayResume: true,
    freshId: () => `fresh-${++made}`,
    handledBy: (smId: string) => (smId === 'known' ? 7 : undefined),
  }
}

export const authenticated = (facts: Partial<AuthenticatedStream> = {}): AuthenticatedStream => ({
  account: me,
  resources: [],
  resourcesPerUser: 2,
  side: side(),
  origin,
  ...facts,
})

export const session: ClientSession = { account: me, resource: 'phone', fullJid: `${me}/phone` }

/** What is expected of a step that ends the stream. */
export const refused = (condition: string) => ({ _tag: 'Refuse', fault: expect.objectContaining({ condition }) })

/** What is expected of a step that sends an element which begins so and contains that. */
export const replied = (start: string, ...inside: ReadonlyArray<string>) => ({
  _tag: 'Reply',
  xml: expect.stringMatching(new RegExp(`^<${start}\\b.*${inside.map(it => `<${it}\\b`).join('.*')}`)),
})
