/**
 * The classes of characters of PRECIS (RFC 8264) and IDNA (RFC 5892), and the rules on what stands beside a character.
 *
 * They are derived from properties of Unicode as the platform has them (`\p{...}`), not from tables of ours: what is not
 * assigned in its version of Unicode (17.0 in the Node 20 of 2026) is not allowed, and becomes so with another platform.
 * So only what comes in is judged; what was stored once is read as it is.
 */
import { hostInAscii } from './platform.js'

/** Letters and digits, and what the exceptions add to them (RFC 8264 §§9.1, 9.6). */
const letterDigits = '\\p{Ll}\\p{Lu}\\p{Lo}\\p{Lm}\\p{Nd}\\p{Mn}\\p{Mc}\\u06fd\\u06fe\\u0f0b\\u3007'
/** Allowed where `contextHolds` (RFC 5892 appendix A). */
const contextual = '\\u00b7\\u0375\\u05f3\\u05f4\\u30fb'
const joiners = '\\u200c\\u200d'
/** In no class, whatever their category: exceptions (RFC 8264 §9.6), conjoining Jamo (§9.9), what is not to be seen (§9.13). */
const excluded =
  '\\u0640\\u07fa\\u302e\\u302f\\u3031-\\u3035\\u303b\\u1100-\\u11ff\\ua960-\\ua97c\\ud7b0-\\ud7fb\\p{Default_Ignorable_Code_Point}'
/** ASCII without what RFC 7622 §3.3.1 takes from local parts: `" & ' / : < > @`. */
const localAscii = '!#-%(-.0-9;=?A-Z[-~'

const textOf = (characters: string): RegExp => new RegExp(`^(?:[${joiners}]|(?![${excluded}])[${characters}])+$`, 'u')

const label = textOf(`a-z0-9_${letterDigits}${contextual}-`)
const identifier = textOf(`${localAscii}${letterDigits}${contextual}`)
const freeform = textOf('\\x20-\\x7e\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}')

/** True for the characters of a label of a domain (RFC 5892 §3); with the underscore that there is in practice. */
export const isLetterDigits = (text: string): boolean =>
  label.test(text) && !text.startsWith('-') && !text.endsWith('-')

/** True for a text of the IdentifierClass (RFC 8264 §4.2), as far as local parts may have it; its context is not looked at. */
export const isIdentifier = (text: string): boolean => identifier.test(text) && (isAscii(text) || !hasCompatibles(text))

/** True for a text of the FreeformClass (RFC 8264 §4.3); its context is not looked at. */
export const isFreeform = (text: string): boolean => freeform.test(text)

/** A character that stands for another one is in no identifier (RFC 8264 §9.17). */
const hasCompatibles = (text: string): boolean => text.normalize('NFKC') !== text

export const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text)

/** True if what needs a context has it (RFC 5892 appendix A). */
export const contextHolds = (text: string): boolean =>
  !needsContext.test(text) || (!outOfContext.some(rule => rule.test(text)) && hasOneKindOfDigits(text) && joins(text))

const needsContext = /[\u00b7\u0375\u05f3\u05f4\u30fb\u0660-\u0669\u06f0-\u06f9\u200c\u200d]/

const outOfContext: ReadonlyArray<RegExp> = [
  // A.3: the middle dot of Catalan.
  /(?<!l)\u00b7|\u00b7(?!l)/,
  // A.4: keraia, before Greek.
  /\u0375(?!\p{Script=Greek})/u,
  // A.5, A.6: geresh and gershayim, behind Hebrew.
  /(?<!\p{Script=Hebrew})[\u05f3\u05f4]/u,
  // A.7: the Katakana middle dot, with any of these scripts.
  /^(?!.*[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]).*\u30fb/su,
]

/** A.8, A.9. */
const hasOneKindOfDigits = (text: string): boolean => !(/[\u0660-\u0669]/.test(text) && /[\u06f0-\u06f9]/.test(text))

/** A.1, A.2: joiners, between letters that join or behind a virama; the platform's IDNA knows which they are. */
const joins = (text: string): boolean =>
  (text.match(joined) ?? []).every(run => !/[\u200c\u200d]/.test(run) || hostInAscii(run) !== undefined)

const joined = new RegExp(`(?:[\\p{L}\\p{M}]|[${joiners}])+`, 'gu')
