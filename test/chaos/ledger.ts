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
  /** Came again in a new session, since the old one ended without a word of what had been handled in it. */
  readonly repeated: number
  readonly reordered: number
  /** Neither came nor came back, and it could not be said whether the server had taken them. */
  readonly inDoubt: number
  /** The first few things that went wrong, each in one line. */
  readonly complaints: ReadonlyArray<string>
}

export interface Ledger {
  /** The number of a new message from one to another, from 1. */
  readonly sending: (from: string, to: string) => number
  readonly came: (from: string, to: string, number: number) => void
  readonly cameBack: (from: string, to: string, number: number) => void
  /**
   * The sender's session ended before the message was acked: nobody can say whether the server has it, so it may be
   * lost, but it must not come twice.
   */
  readonly doubt: (from: string, to: string, number: number) => void
  /** The recipient has a new session: what waited for the old one may come after what was sent to the new one. */
  readonly beganAnew: (to: string) => void
  /** How many messages neither came nor came back, those in doubt left out. */
  readonly open: () => number
  /** How many messages came to these. */
  readonly deliveredTo: (names: ReadonlyArray<string>) => number
  readonly verdict: () => Verdict
}

interface Book {
  readonly from: string
  readonly to: string
  sent: number
  /** The numbers that came or came back. */
  readonly settled: Set<number>
  readonly doubted: Set<number>
  greatest: number
  /** Up to this one the order is not judged. */
  excused: number
  /** Up to this one the old session may not have known what was handled. */
  untold: number
  cameBack: number
}

const complaintsAtMost = 20

export const createLedger = (): Ledger => {
  const books = new Map<string, Book>()
  const complaints: Array<string> = []
  let [sent, delivered, returned, doubled, repeated, reordered] = [0, 0, 0, 0, 0, 0]

  const bookOf = (from: string, to: string): Book => {
    const name = `${from} -> ${to}`
    const known = books.get(name)
    if (known !== undefined) return known
    const book: Book = {
      from,
      to,
      sent: 0,
      settled: new Set(),
      doubted: new Set(),
      greatest: 0,
      excused: 0,
      untold: 0,
      cameBack: 0,
    }
    books.set(name, book)
    return book
  }

  const complain = (book: Book, number: number, what: string): void => {
    complaints.push(`${book.from} -> ${book.to} #${number} ${what}`)
  }

  /** False if it was settled before. */
  const settle = (book: Book, number: number, how: string): boolean => {
    if (!Number.isInteger(number) || number < 1 || number > book.sent) {
      complain(book, number, `${how}, but was never sent`)
      return false
    }
    if (!book.settled.has(number)) {
      book.settled.add(number)
      return true
    }
    if (number <= book.untold) {
      repeated += 1
      return false
    }
    doubled += 1
    complain(book, number, `${how} a second time`)
    return false
  }

  const missing = (book: Book): ReadonlyArray<number> =>
    book.settled.size === book.sent
      ? []
      : Array.from({ length: book.sent }, (_, index) => index + 1).filter(number => !book.settled.has(number))

  return {
    sending: (from, to) => {
      const book = bookOf(from, to)
      book.sent += 1
      sent += 1
      return book.sent
    },
    came: (from, to, number) => {
      const book = bookOf(from, to)
      if (!settle(book, number, 'came')) return
      delivered += 1
      if (number < book.greatest && number > book.excused) {
        reordered += 1
        complain(book, number, `came after #${book.greatest}`)
      }
      book.greatest = Math.max(book.greatest, number)
    },
    cameBack: (from, to, number) => {
      const book = bookOf(from, to)
      if (!settle(book, number, 'came back')) return
      returned += 1
      book.cameBack += 1
    },
    doubt: (from, to, number) => void bookOf(from, to).doubted.add(number),
    beganAnew: to => {
      for (const book of books.values()) {
        if (book.to !== to) continue
        book.excused = book.sent
        book.untold = book.greatest
      }
    },
    open: () => {
      let count = 0
      for (const book of books.values()) count += missing(book).filter(number => !book.doubted.has(number)).length
      return count
    },
    deliveredTo: names => {
      let count = 0
      for (const { to, settled, cameBack } of books.values()) if (names.includes(to)) count += settled.size - cameBack
      return count
    },
    verdict: () => {
      let [lost, inDoubt] = [0, 0]
      const losses: Array<string> = []
      for (const book of books.values())
        for (const number of missing(book)) {
          if (book.doubted.has(number)) inDoubt += 1
          else {
            lost += 1
            losses.push(`${book.from} -> ${book.to} #${number} is lost`)
          }
        }
      const told = [...complaints, ...losses].slice(0, complaintsAtMost)
      return { sent, delivered, returned, lost, doubled, repeated, reordered, inDoubt, complaints: told }
    },
  }
}
