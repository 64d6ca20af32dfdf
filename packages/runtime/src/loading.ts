/**
 * What a step needs of kept stanzas, read from storage. Of what is sent again after a resumption that is one page, so that
 * neither memory nor anybody else's turn has to hold all of it; the event says how much there is room for.
 */
import {
  type Account,
  type Config,
  type ConnectionDrained,
  type Event,
  loadFor,
  needsWhole,
  pageFor,
  type ReadKept,
  type ResumedReceived,
  type ResumeReceived,
  readPage,
  recall,
  type Unacked,
} from '@smacks/core'

/** How much of what is sent again a connection takes at once. */
export interface PageLimits {
  /** At most so many stanzas. */
  readonly stanzas: number
  /** No more stanzas once they have so many characters; so one that has more goes alone. */
  readonly size: number
}

/** Below what makes a transport stop reading, lest acks wait for the last page. */
export const defaultPage: PageLimits = { stanzas: 64, size: 128 * 1024 }

export interface Paging<A> {
  readonly page: PageLimits
  readonly sizeOf: (stanza: A) => number
}

export interface Loaded<A> {
  readonly account: Account<A>
  /** The event, with the room that there is for a page if it is not room for all. */
  readonly event: Event<A>
}

/** `config` is what the step is made under. Throws what `read` throws. */
export const loadForStep = <A>(
  paging: Paging<A>,
  config: Config,
  account: Account<A>,
  event: Event<A>,
  reader: () => ReadKept<A>,
): Loaded<A> => {
  switch (event._tag) {
    case 'ConnectionDrained':
    case 'ResumeReceived':
    case 'ResumedReceived': {
      const read = remembering(reader())
      const roomy = withRoom(paging, config, account, event, read)
      return { account: loadFor(config, account, roomy, read), event: roomy }
    }
    default:
      return { account: needsWhole(config, account, event) ? recall(account, reader()) : account, event }
  }
}

type WithRoom = ConnectionDrained | ResumedReceived | ResumeReceived

const withRoom = <A>(
  { page: limits, sizeOf }: Paging<A>,
  config: Config,
  account: Account<A>,
  event: WithRoom,
  read: ReadKept<A>,
): WithRoom => {
  const page = pageFor(config, account, event)
  if (page === undefined) return event
  let [room, size] = [0, 0]
  for (const { stanza } of readPage(page, read)) {
    size += sizeOf(stanza)
    if (room > 0 && size > limits.size) break
    room += 1
    if (room >= limits.stanzas) break
  }
  return room < page.count ? { ...event, room } : event
}

/** Reads each stanza once, of those that were read one by one. */
const remembering = <A>(read: ReadKept<A>): ReadKept<A> => {
  const found = new Map<number, Unacked<A>>()
  return (resource, from, count) => {
    const known = Array.from({ length: count }, (_, index) => found.get(from + index)).filter(one => one !== undefined)
    if (known.length === count) return known
    const values = read(resource, from, count)
    if (count === 1 && values[0] !== undefined) found.set(from, values[0])
    return values
  }
}
