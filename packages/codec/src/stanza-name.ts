import type { StanzaName } from '@smacks/core'

/** True for the names of the three stanzas (RFC 6120 §8). */
export const isStanzaName = (name: string): name is StanzaName =>
  name === 'message' || name === 'presence' || name === 'iq'
