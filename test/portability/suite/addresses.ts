/** Addresses whose normal form depends on what a platform knows of Unicode: IDNA and PRECIS; nothing is what is no address. */
import { formatJid, parseJid } from '@smacks/codec'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'

const texts: ReadonlyArray<string> = [
  'Romeo@B\u00dcCHER.example/\u00c4',
  'romeo@xn--bcher-kva.example',
  'romeo@XN--BCHER-KVA.Example.',
  'romeo@\uff42\u00fccher\u3002example',
  'romeo@stra\u00dfe.de',
  'romeo@xn--strae-oqa.de',
  'romeo@\u05e0\u05d0.com',
  'romeo@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example',
  'romeo@col\u00b7lecci\u00f3.example',
  'romeo@b\u00fccher.1',
  '\u03a3\u03b1@example.org',
  '\uff21\u0308@example.org',
  'l\u00b7l@example.org',
  '\u0915\u094d\u200d\u0937@example.org',
  'a@b/\u00a0\u1680\u3000',
  'a@b/\u{1f600}\u2163',
  'a@b/\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
  // None
  'romeo@xn--bcher-kv.example',
  'romeo@xn--bcher-.example',
  'romeo@xn--n3h.net',
  'romeo@\u2603.net',
  'romeo@a\u05d0.com',
  'romeo@1.\u05d0',
  'romeo@a\u200db.example',
  'romeo@\u0301\u00fc.example',
  `romeo@\u00fc${'x'.repeat(60)}.example`,
  'a\u05d0@example.org',
  '\u2163@example.org',
  'a\u0640@example.org',
  'a@b/\u2764\ufe0f',
  'a@b/\u{1f468}\u200d\u{1f469}',
  'a@b/\u0378',
]

export const addresses = (): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    texts.map(text => [
      text,
      pipe(
        parseJid(text),
        Option.map(formatJid),
        Option.getOrElseW(() => null),
      ),
    ]),
  )
