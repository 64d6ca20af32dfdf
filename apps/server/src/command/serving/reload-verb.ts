/** What a running server is asked to read again, and what came of it. */
import type { Verb } from '@smacks/control'
import * as t from 'io-ts'

const answer = t.intersection([
  t.strict({
    /** Options that have other values from now on, as the configuration file spells them. */
    changed: t.readonlyArray(t.string),
    /** Options that have other values in the file, and wait for the next start. */
    waiting: t.readonlyArray(t.string),
  }),
  t.partial({
    /** Why the configuration cannot be used; then nothing of it is in force. */
    fault: t.string,
    /** Of the certificate that is in use. */
    fingerprint: t.string,
    /** Why certificate and key cannot be used; the old ones stay. */
    certificateFault: t.string,
  }),
])

export type Reloaded = t.TypeOf<typeof answer>

/** Reads configuration, certificate and key again, as SIGHUP does. */
export const reloadVerb: Verb<object, Reloaded> = { name: 'reload', request: t.strict({}), answer }
