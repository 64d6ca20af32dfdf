/** Two houses, each with domains of its own, and a wire between them that carries XML and keeps its order. */
import { Stanza } from '@smacks/codec'
import type { LinkState } from '../../../packages/im/src/link-state.js'
import type { Outgoing, Refusal } from '../../../packages/im/src/outgoing.js'
import type { Remotes } from '../../../packages/im/src/ports.js'
import { canonical, type House, type HouseOptions, openHouse, parsed } from './house.js'

export type Side = 'here' | 'there'

/** What each side sends to the other. */
export interface Wire {
  /** All that was given to it, canonical, by who sent it; a test may empty it. */
  readonly carried: Readonly<Record<Side, Array<string>>>
  /** Which iqs of its own each was told to be answered. */
  readonly answers: Readonly<Record<Side, Array<string>>>
  /** What `side` sent stays on the wire until it is released. */
  readonly hold: () => void
  /** Everything arrives, as does what it causes. */
  readonly release: () => void
  /** The oldest stanza that `side` sent arrives; returns it, if there is one. */
  readonly releaseOne: (side: Side) => Stanza | undefined
  /** What is on the wire is gone; returns it. */
  readonly cut: () => ReadonlyArray<Outgoing>
  /** How the links of both sides, or of one, stand from now on; `ready` unless told. */
  readonly stands: (state: LinkState, side?: Side) => void
  /** What `side` sent is on the wire no more; returns it. */
  readonly take: (side: Side) => ReadonlyArray<Outgoing>
  /** The links that were to be established. */
  readonly connected: Array<string>
  /** From now on nothing is taken, for this reason. */
  readonly refuse: (refusal: Refusal | undefined) => void
}

export interface Houses {
  /** Serves `a.example` with romeo and juliet, and `b.example` with tybalt. */
  readonly here: House
  /** Serves `c.example` with benvolio and rosaline. */
  readonly there: House
  readonly wire: Wire
}

/** The domains of each. */
const domains: Readonly<Record<Side, ReadonlyArray<string>>> = {
  here: ['a.example', 'b.example'],
  there: ['c.example'],
}

const sides: ReadonlyArray<Side> = ['here', 'there']

const opposite: Readonly<Record<Side, Side>> = { here: 'there', there: 'here' }

/** Opens both for the test that runs. */
export const openHouses = (
  options: Omit<HouseOptions, 'accounts' | 'domains' | 'remotes' | 'onSettled'> = {},
): Houses => {
  const under: Record<Side, Array<Outgoing>> = { here: [], there: [] }
  const carried: Record<Side, Array<string>> = { here: [], there: [] }
  const answers: Record<Side, Array<string>> = { here: [], there: [] }
  let held = false
  let refused: Refusal | undefined
  const linkStates: Record<Side, LinkState> = { here: 'ready', there: 'ready' }
  const connected: Array<string> = []

  const remotesOf = (side: Side): Remotes => ({
    send: ({ stanza, facts }) => {
      const { from = '', to = '' } = stanza.element.attrs
      if (!domains[side].includes(domainOf(from))) throw new Error(`${side} speaks for ${from}`)
      if (domains[side].includes(domainOf(to))) throw new Error(`${side} sends away what is for ${to}`)
      if (facts.from !== from || facts.to !== to) throw new Error(`the facts of ${stanza.xml} have other addresses`)
      if (refused !== undefined) return refused
      under[side].push({ stanza, facts })
      carried[side].push(canonical(stanza.xml))
      return undefined
    },
    answered: answer => void answers[side].push(`${answer.id} of ${answer.to} by ${answer.from}`),
    stateOf: () => linkStates[side],
    connect: (here, there) => void connected.push(`${here}>${there}`),
  })

  const releaseOne = (side: Side): Stanza | undefined => {
    const oldest = under[side].shift()
    if (oldest === undefined) return undefined
    const { stanza } = oldest
    const house = houses[opposite[side]]
    house.messaging.receive(stanzaOf(stanza.xml))
    house.host.settle()
    return stanza
  }
  const release = (): void => {
    held = false
    while (under.here.length + under.there.length > 0) releaseOne(under.here.length > 0 ? 'here' : 'there')
  }
  const onSettled = (): void => {
    if (!held) release()
  }
  const open = (side: Side, accounts: ReadonlyArray<string>): House =>
    openHouse({ ...options, accounts, domains: domains[side], remotes: remotesOf(side), onSettled })
  const houses: Readonly<Record<Side, House>> = {
    here: open('here', ['romeo@a.example', 'juliet@a.example', 'tybalt@b.example']),
    there: open('there', ['benvolio@c.example', 'rosaline@c.example']),
  }
  return {
    ...houses,
    wire: {
      carried,
      answers,
      hold: () => {
        held = true
      },
      release,
      releaseOne,
      cut: () => [...under.here.splice(0), ...under.there.splice(0)],
      take: side => under[side].splice(0),
      stands: (state, side) => {
        for (const one of side === undefined ? sides : [side]) linkStates[one] = state
      },
      connected,
      refuse: refusal => {
        refused = refusal
      },
    },
  }
}

const domainOf = (address: string): string => address.replace(/\/.*/, '').replace(/.*@/, '')

/** A stanza as it comes from outside. */
export const stanzaOf = (text: string): Stanza => Stanza.fromElement(parsed(text))
