/** Keeps small parts of large texts, as long-lived things do, where there is no memory for the large ones. */
import { decodeNonza, element, ownText, parseJid } from '@smacks/codec'

const texts = 1_500
const filling = 'x'.repeat(64 * 1024)

/** The text as the end of a larger one. */
const endOfLarge = (text: string): string => Array.of(filling, text).join('').slice(filling.length)

const kept: Array<unknown> = []
for (let number = 0; number < texts; number += 1) {
  kept.push(ownText(endOfLarge(`the text of number ${number}`)))
  kept.push(parseJid(endOfLarge(`number-${number}@montague.example/orchard`)))
  kept.push(decodeNonza(element('enable', { xmlns: endOfLarge('urn:xmpp:sm:3') })))
}
process.stdout.write(`${kept.length} kept\n`)
