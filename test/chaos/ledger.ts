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
  /** Came, and nobody had sent it. */
  readonly strange: number
  /** Neither came nor came back, and it could not be said whether the server had taken them. */
  readonly inDoubt: number
  /** The first few things that went wrong, each in one line. */
  readonly complaints: ReadonlyArray<string>
}

export interface Ledger {
  /** The number of a new message from one to another, from 1. */
  readonly sending: (from: string, to: string) => number
  /** `by`: another device of the recipient, if it was not the recipient's own. */
  readonly came: (from: string, to: string, number: number, by?: string) => void
  readonly cameBack: (from: string, to: string, number: number) => void
  /**
   * The sender's session ended before the message was acked: nobody can say whether the server has it, so it may be
   * lost, but it must not come twice.
   */
  readonly doubt: (from: string, to: string, number: number) => void
  /** The server was told of all that came to the recipient so far: none of it may come again. */
  readonly told: (to: string) => void
  /** The recipient's account was removed: what did not come to it may be lost. */
  readonly removed: (to: string) => void
  /** The recipient has a new session: what came without that the old one was told of it may come once more. */
  readonly beganAnew: (to: string) => void
  /** The recipient is available: what waited for its old session may come after what is sent from now on. */
  readonly becameAvailable: (to: string) => void
  /** How many messages neither came nor came back, those in doubt left out, of all or of those to one recipient. */
  readonly open: (to?: string) => number
  /** How many messages came, to all or to these. */
  readonly delivered: (to?: ReadonlyArray<string>) => number
  readonly verdict: () => Verdict
}

interface Book {
  readonly from: string
  readonly to: string
  sent: number
  /** The numbers that came or came back. */
  readonly settled: Set<number>
  /** Those of the others that may be lost. */
  readonly doubted: Set<number>
  greatest: number
  /** Up to this one the order is not judged. */
  excused: number
  /** Came in the session of now of this device, and the server may not know. */
  readonly untold: Map<number, string>
  /** The same of sessions that are over. */
  readonly mayComeAgain: Set<number>
}

/** What is known of one recipient. */
interface Shelf {
  /** By sender. */
  readonly books: Map<string, Book>
  sent: number
  delivered: number
  returned: number
  doubted: number
}

const complaintsAtMost = 20

export interface LedgerOptions {
  /** Sessions may end whose messages are returned, or stored for another device, though they came. */
  readonly endsUnheard?: boolean
}

export const createLedger = ({ endsUnheard = false }: LedgerOptions = {}): Ledger => {
  const shelves = new Map<string, Shelf>()
  const complaints: Array<string> = []
  let [doubled, repeated, reordered, strange] = [0, 0, 0, 0]

  const shelfOf = (to: string): Shelf => {
    const known = shelves.get(to)
    if (known !== undefined) return known
    const shelf: Shelf = { books: new Map(), sent: 0, delivered: 0, returned: 0, doubted: 0 }
    shelves.set(to, shelf)
    return shelf
  }

  const complain = ({ from, to }: Book, number: number, what: string): void => {
    if (complaints.length < complaintsAtMost) complaints.push(`${from} -> ${to} #${number} ${what}`)
  }

  /** The book of a message that is settled now; nothing if it was before, or cannot be. */
  const settle = (from: string, to: string, number: number, how: string, by = to): Book | undefined => {
    const book = bookOf(shelfOf(to), from, to)
    if (!Number.isInteger(number) || number < 1 || number > book.sent) {
      strange += 1
      complain(book, number, `${how}, but was never sent`)
    } else if (!book.settled.has(number)) {
      book.settled.add(number)
      if (how === 'came') book.untold.set(number, by)
      if (book.doubted.delete(number)) shelfOf(to).doubted -= 1
      return book
    } else if (how === 'came' && by === to && book.mayComeAgain.delete(number)) {
      book.untold.set(number, by)
      repeated += 1
    } else if (endsUnheard && mayBeSettledAgain(book, number, how, by)) {
      repeated += 1
    } else {
      doubled += 1
      complain(book, number, `${how} a second time`)
    }
    return undefined
  }

  const sum = (key: 'delivered' | 'doubted' | 'returned' | 'sent', of: Iterable<Shelf> = shelves.values()): number => {
    let total = 0
    for (const shelf of of) total += shelf[key]
    return total
  }

  function* allBooks(): Generator<Book> {
    for (const { books } of shelves.values()) yield* books.values()
  }

  const doubtAll = (book: Book): void => {
    for (let number = 1; number <= book.sent; number += 1)
      if (!book.settled.has(number) && !book.doubted.has(number)) {
        book.doubted.add(number)
        shelfOf(book.to).doubted += 1
      }
  }

  /** The sender has a new session: what was returned to the old one nobody hears of. */
  const doubtAllOf = (from: string): void => {
    for (const book of allBooks()) if (book.from === from) doubtAll(book)
  }

  const becameAvailable = (to: string): void => {
    for (const book of shelfOf(to).books.values()) book.excused = book.sent
  }

  return {
    sending: (from, to) => {
      const shelf = shelfOf(to)
      const book = bookOf(shelf, from, to)
      shelf.sent += 1
      book.sent += 1
      return book.sent
    },
    came: (from, to, number, by = to) => {
      const book = settle(from, to, number, 'came', by)
      if (book === undefined) return
      shelfOf(to).delivered += 1
      // What another device got was stored for whoever came next.
      if (by !== to) return
      if (number < book.greatest && number > book.excused) {
        reordered += 1
        complain(book, number, `came after #${book.greatest}`)
      }
      book.greatest = Math.max(book.greatest, number)
    },
    cameBack: (from, to, number) => {
      if (settle(from, to, number, 'came back') !== undefined) shelfOf(to).returned += 1
    },
    removed: to => {
      for (const book of shelfOf(to).books.values()) doubtAll(book)
    },
    doubt: (from, to, number) => {
      const shelf = shelfOf(to)
      const { settled, doubted } = bookOf(shelf, from, to)
      if (settled.has(number) || doubted.has(number)) return
      doubted.add(number)
      shelf.doubted += 1
    },
    told: to => {
      for (const { untold } of allBooks()) for (const [number, by] of untold) if (by === to) untold.delete(number)
    },
    beganAnew: to => {
      for (const { untold, mayComeAgain } of allBooks())
        for (const [number, by] of untold) {
          if (by !== to) continue
          mayComeAgain.add(number)
          untold.delete(number)
        }
      if (endsUnheard) doubtAllOf(to)
      becameAvailable(to)
    },
    becameAvailable,
    open: to => {
      const of = to === undefined ? [...shelves.values()] : [shelfOf(to)]
      return sum('sent', of) - sum('delivered', of) - sum('returned', of) - sum('doubted', of)
    },
    delivered: to => sum('delivered', to?.map(shelfOf)),
    verdict: () => {
      const losses = [...shelves.values()].flatMap(({ books }) => [...books.values()].flatMap(lossesOf))
      return {
        sent: sum('sent'),
        delivered: sum('delivered'),
        returned: sum('returned'),
        lost: losses.length,
        doubled,
        repeated,
        reordered,
        strange,
        inDoubt: sum('doubted'),
        complaints: [...complaints, ...losses].slice(0, complaintsAtMost),
      }
    },
  }
}

/**
 * It came in a session whose server was never told, so that session may end as if it had not: it comes back, or is stored
 * and comes to another device.
 */
const mayBeSettledAgain = (book: Book, number: number, how: string, by: string): boolean => {
  // The same session gets nothing twice.
  if (how === 'came' && book.untold.get(number) === by) return false
  if (!book.untold.delete(number) && !book.mayComeAgain.delete(number)) return false
  if (how === 'came') book.untold.set(number, by)
  return true
}

const bookOf = ({ books }: Shelf, from: string, to: string): Book => {
  const known = books.get(from)
  if (known !== undefined) return known
  const book: Book = {
    from,
    to,
    sent: 0,
    settled: new Set(),
    doubted: new Set(),
    greatest: 0,
    excused: 0,
    untold: new Map(),
    mayComeAgain: new Set(),
  }
  books.set(from, book)
  return book
}

const lossesOf = ({ from, to, sent, settled, doubted }: Book): ReadonlyArray<string> =>
  settled.size + doubted.size === sent
    ? []
    : Array.from({ length: sent }, (_, index) => index + 1)
        .filter(number => !settled.has(number) && !doubted.has(number))
        .map(number => `${from} -> ${to} #${number} is lost`)
