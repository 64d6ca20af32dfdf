import { domainToASCII } from 'node:url'
import { bareJid, bareOf, domainInAddress, formatJid, type Jid, parseJid, resourceOf } from '@smacks/codec'
import { isNone, type Option } from 'fp-ts/lib/Option.js'
import { holds, same, type Target, textOf } from '../target.js'

export const jid: Target = {
  name: 'jid',
  promise: 'an address has one normal form, whose parts are bounded, and its domain is the same in A-labels',
  words: [
    '@',
    '/',
    '.',
    'xn--',
    'xn--bcher-kva',
    'b\u00fccher',
    'example.org',
    '[::1]',
    '127.0.0.1',
    '\u3002',
    '\uff21',
    '\u00df',
    '\u0130',
    '\u03a3',
    '\u03c2',
    '\u200c',
    '\u200d',
    '\u00b7',
    'l\u00b7l',
    '\u05d0',
    '\u0660',
    '\u06f0',
    '\u0301',
    '\u1100',
    '\u2163',
    '\ufb01',
    '\u{1f600}',
    '\ufe0f',
    '\u00a0',
    '\u00ad',
    '\u30fb',
    '\u6f22',
    '\ud83d',
    '\u0915\u094d',
    '\u212b',
    '\u1e9e',
  ],
  run: input => {
    const text = textOf(input)
    const parsed = parseJid(text)
    holds(parseJid(text) === parsed || text.length > 3_071, 'another answer when it is asked again')
    if (isNone(parsed)) return domainInAddress(text) === undefined ? 'nothing' : 'a domain alone'
    const { local, domain, resource } = parsed.value
    const written = formatJid(parsed.value)
    sameAddress(parseJid(written), parsed.value, 'its normal form is another address')
    holds(
      bareOf(written) === bareJid(parsed.value) && resourceOf(written) === resource,
      'cut at another place',
      written,
    )
    holds(!/[@/"&'<>: ]/.test(local) && !/[@/]/.test(domain), 'a separator in a part', written)
    for (const part of [local, domain, resource]) holds(Buffer.byteLength(part) <= 1_023, 'a part is too long', part)
    holds(domainInAddress(text) === domain, 'another domain', written)
    const ascii = /[^\0-\x7f]/.test(domain) ? domainToASCII(domain) : ''
    if (ascii !== '') sameAddress(parseJid(ascii), { local: '', domain, resource: '' }, 'in A-labels it is another')
    return `${local === '' ? '' : 'local '}${ascii === '' ? 'ASCII' : 'U-labels'}${resource === '' ? '' : ' resource'}`
  },
}

const sameAddress = (parsed: Option<Jid>, expected: Jid, what: string): void =>
  same(isNone(parsed) ? undefined : parsed.value, expected, what)
