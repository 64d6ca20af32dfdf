/**
 * Reads what a server sends to one session, as cheaply as JavaScript can: no XML parser, but a hop from one `<` to
 * the next. It knows what the generator itself made it receive, and calls everything else by its name.
 */

import { bodyLength, bodyMark, numberLength } from './payload.js'

export interface ScannerEvents {
  /** A message of the load, with its number. */
  readonly message: (number: number) => void
  /** Any other stanza. */
  readonly otherStanza: () => void
  /** `<r/>` */
  readonly request: () => void
  /** `<a/>` */
  readonly ack: (h: number) => void
  /** Anything that should not be there. */
  readonly surprise: (text: string) => void
}

const code = (character: string): number => character.charCodeAt(0)
const slash = code('/')
const [letterA, letterB, letterE, letterI, letterM, letterP, letterR] = [...'abeimpr'].map(code)

/** Takes text as it comes, in pieces of any size; keeps the beginning of an element until its end comes. */
export const createScanner = (events: ScannerEvents): ((text: string) => void) => {
  let pending = ''

  return piece => {
    const text = pending === '' ? piece : pending + piece
    pending = ''
    let at = text.indexOf('<')
    while (at >= 0) {
      const letter = text.charCodeAt(at + 1)
      const end = letter === letterM ? afterMessage(text, at, events) : afterOther(text, at, letter, events)
      if (end < 0) {
        pending = text.slice(at)
        return
      }
      at = text.indexOf('<', end)
    }
  }
}

/** The place after the message that starts at `start`, or -1 if its end is not there yet. */
const afterMessage = (text: string, start: number, events: ScannerEvents): number => {
  let number = -1
  let at = start
  for (;;) {
    at = text.indexOf('<', at + 1)
    if (at < 0) return -1
    const letter = text.charCodeAt(at + 1)
    if (letter === letterB && text.charCodeAt(at + 6) === code(bodyMark)) {
      number = readNumber(text, at + 7)
      at += bodyLength
    } else if (letter === slash && text.charCodeAt(at + 2) === letterM && text.charCodeAt(at + 3) === letterE) {
      const end = text.indexOf('>', at)
      if (end < 0) return -1
      if (number >= 0) events.message(number)
      else events.otherStanza()
      return end + 1
    }
  }
}

const readNumber = (text: string, at: number): number => {
  let number = 0
  for (let index = at; index < at + numberLength; index += 1) number = number * 10 + text.charCodeAt(index) - 48
  return number
}

const afterOther = (text: string, start: number, letter: number, events: ScannerEvents): number => {
  const close = text.indexOf('>', start)
  if (close < 0) return -1
  const isNonza = text.charCodeAt(close - 1) === slash
  if (letter === letterR && isNonza) {
    events.request()
  } else if (letter === letterA && isNonza) {
    events.ack(Number(/h=['"](\d+)/.exec(text.slice(start, close))?.[1]))
  } else if (letter === letterP || letter === letterI) {
    const end = isNonza ? close + 1 : afterText(text, letter === letterP ? '</presence>' : '</iq>', close)
    if (end >= 0) events.otherStanza()
    return end
  } else {
    events.surprise(text.slice(start, start + 400))
    return text.length
  }
  return close + 1
}

const afterText = (text: string, closing: string, from: number): number => {
  const at = text.indexOf(closing, from)
  return at < 0 ? -1 : at + closing.length
}
