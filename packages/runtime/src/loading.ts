/**
 * What a step needs of kept stanzas, read from storage. Of what is sent again after a resumption that is one page, so that
 * neither memory nor anybody else's turn has to hold all of it; the event says how much there is room for.
 */
import {
  type Account,
  advance,
  type Config,
  type ConnectionDrained,
  type Counter,
  type Event,
  type Instant,
  load,
  loadFor,
  needsWhole,
  nextToSettle,
  pageFor,
  type ReadSpilled,
  type Resource,
  type ResumedReceived,
  type ResumeReceived,
  readPage,
  type Unacked,
} from '@smacks/core'

/** How much goes at once: of what is sent again to a connection, or of what is settled. */
export interface PageLimits {
  /** At most so many stanzas. */
  readonly stanzas: number
  /** No more stanzas once they have so many characters; so one that has more goes alone. */
  readonly size: number
}

/** Below what makes a transport stop reading, lest acks wait for the last page. */
export const defaultPage: PageLimits = { stanzas: 64, size: 128 * 1024 }

/** Large enough that few commits are needed. */
export const defaultSettlementPage: PageLimits = { stanzas: 256, size: 512 * 1024 }

export interface Paging<A> {
  readonly page: PageLimits
  readonly settlementPage: PageLimits
  readonly sizeOf: (stanza: A) => number
}

export interface Loaded<A> {
  readonly account: Account<A>
  /** The event, with the room that there is for a page if it is not room for all. */
  readonly event: Event<A>
}

/** True if the step may need something of storage. Few do, and this is asked for each. */
export const needsStorage = <A>(config: Config, account: Account<A>, event: Event<A>): boolean => {
  switch (event._tag) {
    case 'ConnectionDrained':
    case 'ResumeReceived':
    case 'ResumedReceived':
    case 'QueueSettled':
      return true
    default:
      return needsWhole(config, account, event)
  }
}

/** `config` is what the step is made under. Throws what `read` throws. */
export const loadForStep = <A>(
  paging: Paging<A>,
  config: Config,
  account: Account<A>,
  event: Event<A>,
  reader: () => ReadSpilled<A>,
): Loaded<A> => {
  switch (event._tag) {
    case 'ConnectionDrained':
    case 'ResumeReceived':
    case 'ResumedReceived': {
      const read = remembering(reader())
      const roomy = withRoom(paging, config, account, event, read)
      return { account: loadFor(config, account, roomy, read), event: roomy }
    }
    case 'QueueSettled':
      return { account: loadFor(config, account, event, reader()), event }
    default:
      return { account: needsWhole(config, account, event) ? load(account, reader()) : account, event }
  }
}

/** The account with the next page of what is to be settled of it; nothing if all is. Throws what `read` throws. */
export const loadToSettle = <A>(
  { settlementPage: limits, sizeOf }: Paging<A>,
  config: Config,
  account: Account<A>,
  at: Instant,
  reader: () => ReadSpilled<A>,
): Loaded<A> | undefined => {
  if (account.settlements === undefined) return undefined
  const read = remembering(reader())
  let [count, size] = [0, 0]
  const hasRoom = ({ stanza }: Unacked<A>): boolean => {
    count += 1
    size += sizeOf(stanza)
    return count <= limits.stanzas && size <= limits.size
  }
  const event = nextToSettle(account, at, hasRoom, read)
  return event === undefined ? undefined : { account: loadFor(config, account, event, read), event }
}

type WithRoom = ConnectionDrained | ResumedReceived | ResumeReceived

const withRoom = <A>(
  { page: limits, sizeOf }: Paging<A>,
  config: Config,
  account: Account<A>,
  event: WithRoom,
  read: ReadSpilled<A>,
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
const remembering = <A>(read: ReadSpilled<A>): ReadSpilled<A> => {
  const found = new Map<string, Unacked<A>>()
  const keyOf = (resource: Resource, position: Counter): string => `${position} ${resource}`
  return (resource, from, count) => {
    const known = Array.from({ length: count }, (_, index) => found.get(keyOf(resource, advance(from, index))))
    const all = known.filter(one => one !== undefined)
    if (all.length === count) return all
    const values = read(resource, from, count)
    if (count === 1 && values[0] !== undefined) found.set(keyOf(resource, from), values[0])
    return values
  }
}
