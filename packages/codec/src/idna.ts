/**
 * Domains in other scripts (IDNA2008, RFC 5890-5893): one form for each, in U-labels, as RFC 7622 §3.2.1 has it.
 *
 * Mapping and joiners are those of UTS #46 (nontransitional), which every platform has in its URLs; which characters there may
 * be is RFC 5892's (`precis.ts`), since UTS #46 has symbols among them, and their direction RFC 5893's (`bidi-rule.ts`), which
 * not every platform looks at.
 */
import punycode from 'punycode/punycode.js'
import { obeyBidiRule } from './bidi-rule.js'
import { hostInAscii } from './platform.js'
import { contextHolds, isLetterDigits } from './precis.js'

/** Characters of a label in the DNS at most (RFC 1035 §2.3.4). */
const labelLength = 63

/** Bytes of a domain at most (RFC 7622 §3.2.1), in either form: else one of them would be no address. */
const longestName = 1023

/** The domain in U-labels; nothing if it is none. `mapped` has no character that is no part of a name but for dots. */
export const inUnicodeLabels = (mapped: string): string | undefined => {
  const written = mapped.split('.')
  const decoded = written.map(label => (isALabel(label) ? decode(label) : label))
  if (decoded.some(label => label === undefined || !isLetterDigits(label))) return undefined
  const ascii = hostInAscii(decoded.join('.'))?.split('.')
  if (ascii === undefined || ascii.length !== written.length) return undefined
  // An A-label is what its U-label makes, and nothing else (RFC 5891 §5.4).
  const isWrong = (label: string, index: number): boolean =>
    label.length > labelLength || (isALabel(written[index] ?? '') && label !== written[index])
  if (ascii.some(isWrong) || ascii.join('.').length > longestName) return undefined
  const labels = ascii.map(label => (isALabel(label) ? (decode(label) ?? '') : label))
  const isAllowed = labels.every(label => isLetterDigits(label) && contextHolds(label)) && obeyBidiRule(labels)
  return isAllowed ? labels.join('.') : undefined
}

/** True if a label of the domain may be an A-label. */
export const hasALabels = (domain: string): boolean => /(?:^|\.)xn--/.test(domain)

const isALabel = (label: string): boolean => label.startsWith('xn--')

/** What an A-label stands for: never plain ASCII. */
const decode = (label: string): string | undefined => {
  try {
    const text = punycode.decode(label.slice(4))
    return /^[\0-\x7f]*$/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}
