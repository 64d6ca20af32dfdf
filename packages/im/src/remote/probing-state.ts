/** Whom a domain has to ask for their presence. */
import type { MonotonicInstant } from '@smacks/runtime'
import type { LinkKey } from './link-key.js'

/** What is to be asked. */
export interface Probing {
  /** The links whose contacts the next pass asks. */
  wanted: Set<LinkKey>
  /** Of these, the links over which contacts are told the presence that they can see. */
  untold: Set<LinkKey>
  /** It asks all of them. */
  everybody: boolean
  isUnderWay: boolean
  /** When contacts over a link were asked last, for as long as they are not asked again. */
  readonly askedAt: Map<LinkKey, MonotonicInstant>
}

export const noProbing = (): Probing => ({
  wanted: new Set(),
  untold: new Set(),
  everybody: false,
  isUnderWay: false,
  askedAt: new Map(),
})
