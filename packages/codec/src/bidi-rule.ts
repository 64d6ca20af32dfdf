/**
 * The direction of writing in names: the Bidi Rule (RFC 5893 §2), for labels of domains and for local parts (RFC 8265 §3.3.2).
 *
 * Platforms have no property for the Bidi_Class. What matters of it to letters, digits and marks follows from blocks and
 * categories (UAX #9, DerivedBidiClass.txt of Unicode 17.0); plain letters and marks elsewhere are read from left to right.
 */

/** Where characters are R or AL unless they are something else below. */
const rightBlocks = '\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufeff\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}'
/** AN. */
const arabicNumbers =
  '\\u0600-\\u0605\\u0660-\\u0669\\u066b\\u066c\\u06dd\\u0890\\u0891\\u08e2\\u{10d30}-\\u{10d39}\\u{10e60}-\\u{10e7e}'
/** EN. */
const europeanNumbers = '0-9\\u06f0-\\u06f9'

const right = `(?![${arabicNumbers}${europeanNumbers}\\p{Mn}])[${rightBlocks}]`
const left = `(?![${rightBlocks}${europeanNumbers}])[\\p{L}\\p{Mc}\\p{Nd}]`

const hasRight = new RegExp(`(?![${europeanNumbers}\\p{Mn}])[${rightBlocks}]`, 'u')
const hasLeft = new RegExp(left, 'u')
const hasArabicNumbers = new RegExp(`[${arabicNumbers}]`, 'u')
const hasEuropeanNumbers = new RegExp(`[${europeanNumbers}]`, 'u')
const beginsRight = new RegExp(`^${right}`, 'u')
const beginsLeft = new RegExp(`^${left}`, 'u')
const endsRight = new RegExp(`(?:${right}|[${arabicNumbers}${europeanNumbers}])\\p{Mn}*$`, 'u')
const endsLeft = new RegExp(`(?:${left}|[${europeanNumbers}])\\p{Mn}*$`, 'u')

/** True if all texts are in one direction each: those that have letters from right to left, and those beside them. */
export const obeyBidiRule = (texts: ReadonlyArray<string>): boolean =>
  !texts.some(text => hasRight.test(text)) ||
  texts.every(text => (hasRight.test(text) ? isRightToLeft(text) : beginsLeft.test(text) && endsLeft.test(text)))

/** Rules 1 to 4; rules 5 and 6 have no letters from right to left. */
const isRightToLeft = (text: string): boolean =>
  beginsRight.test(text) &&
  endsRight.test(text) &&
  !hasLeft.test(text) &&
  !(hasArabicNumbers.test(text) && hasEuropeanNumbers.test(text))
