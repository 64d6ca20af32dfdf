/**
 * What every recipient's parser takes, though the standard allows more.
 *
 * A stanza that its sender may send but its recipient cannot parse ends the recipient's stream; with stream
 * management it is sent again after each resumption, and ends the next one too. Many clients use expat, which knows
 * the names of XML 1.0 up to the fourth edition, and refuses namespaces with the separator that the client chose.
 */
import { NAME_RE } from 'xmlchars/xml/1.0/ed4.js'

const ascii = /^[ -~]+$/

/** True for a name in all editions of XML 1.0; `name` is one in the fifth. */
export const isPortableName = (name: string): boolean => ascii.test(name) || NAME_RE.test(name)

/** True for a namespace without white space and the other characters that are in no URI (RFC 3986 §2). */
export const isPortableNamespace = (uri: string): boolean => !/[\s<>"{}|\\^`]/.test(uri)
