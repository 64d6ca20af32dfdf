/** The messages of the load. Each carries its number, so that the reader knows whether any is missing. */

/** The first character of each body; it occurs nowhere else on these streams. */
export const bodyMark = '~'
/** Of the text in it, in bytes of UTF-8. */
export const bodyLength = 100
/** Digits of the number that follows the mark. */
export const numberLength = 8

/** `plain`: a body of ASCII and nothing else; `real`: as the applications of today write them. */
export type PayloadName = 'plain' | 'real'

/** One message to that address, each character one byte. */
export type Payload = (to: string, number: number) => string

const room = bodyLength - numberLength - bodyMark.length
const plainText = 'abcdefghij'.repeat(10).slice(0, room)
/** As the socket takes it: a character a byte. Six times 14 bytes, and dots for the rest. */
const realText = Buffer.from('Grüße, 😀 '.repeat(6)).toString('latin1').padEnd(room, '.')

const digitsOf = (number: number): string => String(number).padStart(numberLength, '0')

const plain: Payload = (to, number) => {
  const digits = digitsOf(number)
  return `<message to='${to}' id='${digits}' type='chat'><body>${bodyMark}${digits}${plainText}</body></message>`
}

/** What Conversations writes: the namespace stated, a body, and four more children. */
const real: Payload = (to, number) => {
  const digits = digitsOf(number)
  const id = `6f9619ff-8b86-d011-b42d-${digits}`
  return (
    `<message xmlns='jabber:client' to='${to}' id='${id}' type='chat'><body>${bodyMark}${digits}${realText}</body>` +
    `<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>` +
    `<markable xmlns='urn:xmpp:chat-markers:0'/><origin-id xmlns='urn:xmpp:sid:0' id='${id}'/></message>`
  )
}

export const payloads: Readonly<Record<PayloadName, Payload>> = { plain, real }
