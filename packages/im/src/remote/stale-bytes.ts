/** How much is kept of contacts elsewhere who may not know the state of an account. */
import { utf8Length } from '@smacks/codec'
import type { Stale } from './stale-contacts.js'

/** UTF-8 bytes of one of them. */
export const bytesOf = ({ contact, resources }: Stale): number =>
  fixedBytes + [contact, ...resources].reduce((sum, text) => sum + utf8Length(text), 0)

/** What is kept of each. */
const fixedBytes = 50
