/** Follows one stanza through the steps. */
import type { Json } from '@smacks/codec'
import type { Account, Instant, StanzaFacts, StanzaSubmitted } from '@smacks/core'
import type { Entry } from '../recording.js'
import type { ReplayedStep } from '../replay.js'
import { reconcile } from './found.js'
import { tellReceived, tellSender } from './received.js'
import type { Counted, Ending, Passage, StanzaIdentity, Telling, Waiting } from './story.js'
import { submittedIn, tellSubmitted } from './submitted.js'
import { tellWaiting } from './waiting.js'

/** Where a state was recorded, and what it says of the account. */
export interface Stated {
  readonly entry: Pick<Entry, 'account' | 'at' | 'seq'>
  readonly before: Account<Json>
}

/** What is known of the stanza so far. */
export interface Told {
  readonly passages: ReadonlyArray<Passage>
  readonly waiting: ReadonlyArray<Waiting>
  /** Those whose senders do not know yet. */
  readonly counted: ReadonlyArray<Counted>
  readonly endings: ReadonlyArray<Ending>
  /** How often it came from a peer. */
  readonly received: number
  /** How often it came where it was void. */
  readonly refused: number
}

export interface Teller {
  readonly stanza: StanzaIdentity
  /** The step was made; `concerned` if its event is about the stanza itself. */
  readonly take: (step: ReplayedStep, concerned: boolean) => void
  /** It was found in the queues of a state. */
  readonly find: (stated: Stated, found: ReadonlyArray<Waiting>) => void
  readonly told: () => Told
}

export interface TellerOptions {
  /** What became of it before. */
  readonly endings?: ReadonlyArray<Ending>
  /** Passages are not told, only what became of it. */
  readonly isQuiet?: boolean
}

export const createTeller = (stanza: StanzaIdentity, options: TellerOptions = {}): Teller => {
  const passages: Array<Passage> = []
  let waiting: ReadonlyArray<Waiting> = []
  let counted: ReadonlyArray<Counted> = []
  let endings: ReadonlyArray<Ending> = options.endings ?? []
  let [received, refused] = [0, 0]

  const tell = ({ entry }: Pick<Stated, 'entry'>, tellings: ReadonlyArray<Telling>): void => {
    if (options.isQuiet) return
    const { seq, at, account } = entry
    for (const telling of tellings) passages.push({ seq, at, account, ...telling })
  }

  const end = ({ entry }: ReplayedStep, how: Ending['how'], { account, resource, writes, isFound }: Copy): void => {
    endings = [...endings, { how, account, resource, at: entry.at, writes, ...(isFound && { isFound }) }]
  }

  /** Those that wait on; the others ended. */
  const follow = (step: ReplayedStep, copies: ReadonlyArray<Waiting>): ReadonlyArray<Waiting> => {
    const taken = new Set<unknown>()
    return copies.flatMap(copy => {
      if (copy.account !== step.entry.account) return [copy]
      const told = tellWaiting(step, copy, step.config, taken)
      tell(step, told.tellings)
      if (told.ending !== undefined) end(step, told.ending, copy)
      return told.waiting === undefined ? [] : [told.waiting]
    })
  }

  const takeEvent = (step: ReplayedStep): void => {
    const { event } = step
    if (event._tag === 'StanzaReceived') {
      const told = tellReceived(step, event)
      received += 1
      if (told.isVoid === true) refused += 1
      tell(step, [told.telling])
      if (told.counted !== undefined) counted = [...counted, told.counted]
    }
    for (const one of submittedIn(event)) if (isOf(one.facts, stanza)) takeSubmission(step, one)
  }

  const takeSubmission = (step: ReplayedStep, event: StanzaSubmitted<Json>): void => {
    const told = tellSubmitted(step, event, step.config)
    const { account } = step.entry
    endings = endings.filter(ending => !isUndoneBy(account, ending))
    tell(step, told.tellings)
    if (told.ending !== undefined) end(step, told.ending, { account, resource: event.resource, writes: 0 })
    if (told.waiting !== undefined)
      waiting = [...waiting, ...(told.isOver === true ? follow(step, [told.waiting]) : [told.waiting])]
  }

  const informSenders = (step: ReplayedStep): void => {
    counted = counted.filter(one => {
      const told = one.account === step.entry.account ? tellSender(step, step.config, one) : undefined
      if (told !== undefined) tell(step, [told])
      return told === undefined
    })
  }

  return {
    stanza,
    take: (step, concerned) => {
      if (waiting.length > 0) waiting = follow(step, waiting)
      if (concerned) takeEvent(step)
      if (counted.length > 0) informSenders(step)
    },
    find: (stated, found) => {
      const { account, at } = stated.entry
      const known = waiting.filter(copy => copy.account === account)
      const reconciled = reconcile(stated.before, known, found)
      tell(stated, reconciled.tellings)
      endings = [...endings, ...reconciled.missing.map(copy => missingAt(at, copy))]
      waiting = [...waiting.filter(copy => copy.account !== account), ...reconciled.waiting]
    },
    told: () => ({ passages, waiting, counted, endings, received, refused }),
  }
}

/** What was stored or routed anew comes back where it is submitted once more. */
const isUndoneBy = (account: string, ending: Ending): boolean => ending.account === account && mayComeBack(ending)

export const mayComeBack = ({ how }: Ending): boolean => how === 'stored' || how === 'rerouted'

const missingAt = (at: Instant, { account, resource, writes }: Waiting): Ending => ({
  how: 'unknown',
  account,
  resource,
  at,
  writes,
  isMissing: true,
})

type Copy = Pick<Ending, 'account' | 'isFound' | 'resource' | 'writes'>

const isOf = (facts: StanzaFacts, stanza: StanzaIdentity): boolean =>
  facts.name === stanza.name &&
  facts.type === stanza.type &&
  facts.id === stanza.id &&
  facts.from === stanza.from &&
  facts.to === stanza.to
