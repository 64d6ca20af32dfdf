/**
 * The judge: who sent what to whom, and what came. It knows nothing of servers, only that each message must come exactly
 * once, and the messages of one sender to one recipient in their order; or else come back to its sender.
 */

export interface Verdict {
  readonly sent: number
  readonly delivered: number
  readonly returned: number
  readonly lost: number
  readonly doubled: number
  readonly reordered: number
  /** The first few things that went wrong, each in one line. */
  readonly complaints: ReadonlyArray<string>
}

export interface Ledger {
  /** The number of a new message from one to another, from 1. */
  readonly sending: (from: string, to: string) => number
  readonly came: (from: string, to: string, number: number) => void
  readonly cameBack: (from: string, to: string, number: number) => void
  /** True once each message came or came back. */
  readonly isSettled: () => boolean
  readonly verdict: () => Verdict
}

interface Book {
  sent: number
  /** The numbers that came or came back. */
  readonly settled: Set<number>
  greatest: number
}

const complaintsAtMost = 20

export const createLedger = (): Ledger => {
  const books = new Map<string, Book>()
  const complaints: Array<string> = []
  let [sent, delivered, returned, doubled, reordered] = [0, 0, 0, 0, 0]

  const bookOf = (from: string, to: string): Book => {
    const name = `${from} -> ${to}`
    const known = books.get(name)
    if (known !== undefined) return known
    const book: Book = { sent: 0, settled: new Set(), greatest: 0 }
    books.set(name, book)
    return book
  }
  const complain = (text: string): void => {
    if (complaints.length < complaintsAtMost) complaints.push(text)
  }
  /** False if it was settled before. */
  const settle = (from: string, to: string, number: number, how: string): boolean => {
    const book = bookOf(from, to)
    if (number > book.sent) complain(`${from} -> ${to} #${number} ${how}, but was never sent`)
    if (!book.settled.has(number)) {
      book.settled.add(number)
      return true
    }
    doubled += 1
    complain(`${from} -> ${to} #${number} ${how} a second time`)
    return false
  }

  return {
    sending: (from, to) => {
      const book = bookOf(from, to)
      book.sent += 1
      sent += 1
      return book.sent
    },
    came: (from, to, number) => {
      if (!settle(from, to, number, 'came')) return
      delivered += 1
      const book = bookOf(from, to)
      if (number < book.greatest) {
        reordered += 1
        complain(`${from} -> ${to} #${number} came after #${book.greatest}`)
      }
      book.greatest = Math.max(book.greatest, number)
    },
    cameBack: (from, to, number) => {
      if (settle(from, to, number, 'came back')) returned += 1
    },
    isSettled: () => [...books.values()].every(book => book.settled.size >= book.sent),
    verdict: () => {
      const missing = [...books].flatMap(([name, book]) =>
        Array.from({ length: book.sent }, (_, index) => index + 1)
          .filter(number => !book.settled.has(number))
          .map(number => `${name} #${number} is lost`),
      )
      return {
        sent,
        delivered,
        returned,
        lost: missing.length,
        doubled,
        reordered,
        complaints: [...complaints, ...missing].slice(0, complaintsAtMost),
      }
    },
  }
}
