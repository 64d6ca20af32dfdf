/**
 * A client that never gives up: logs in, sends, acks what it handles, and resumes whenever its line is gone, be it cut by
 * the server's death or by itself. What the server did not ack it sends again after `<resumed/>` (XEP-0198 §5).
 */
import type { Element } from '@smacks/codec'
import type { Chance } from './chance.js'
import { type Contacts, createContacts } from './contacts.js'
import type { Ledger } from './ledger.js'
import { dial, type Line } from './line.js'
import { createOutgoing, type Sent } from './outgoing.js'

/** What kind of client it is. */
export interface Habits {
  /** Stanzas of its own that may wait for the server's ack; 0: it only listens. */
  readonly window: number
  /** It acks only when it handled so many since it last did. */
  readonly acksEvery: number
  /** How likely it stays away after it lost its line, and for how many milliseconds at most. */
  readonly staysAway: { readonly chance: number; readonly milliseconds: number }
  /** How likely it cuts its own line, with RST, instead of sending. */
  readonly cuts: number
  /** Its session may be refused with `resource-constraint`, since too much waits in it; then it begins a new one. */
  readonly mayBeRefused: boolean
  /**
   * It addresses each peer always in the same way, by its bare or by its full JID. Where sessions begin anew the order
   * holds only within an address (RFC 6120 §10.1): what is for the bare JID lines up behind the offline messages.
   */
  readonly keepsToAddress: boolean
}

export interface ClientOptions {
  readonly name: string
  readonly password: string
  readonly port: number
  /** The server's certificate, if it is to use direct TLS. */
  readonly certificate?: string
  /** Those to whom it sends: those with a session, whose resource is `chaos`, and those that never log in. */
  readonly peers: { readonly present: Names; readonly absent: ReadonlyArray<string> }
  readonly habits: Habits
  readonly chance: Chance
  readonly ledger: Ledger
}

export type Names = readonly [string, ...ReadonlyArray<string>]

export interface Tally {
  readonly resumed: number
  /** `<failed/>` came in answer to `<resume/>`, and was not allowed to. */
  readonly refused: number
  /** It was allowed to. */
  readonly tooLong: number
  /** `system-shutdown` came. */
  readonly told: number
  /** Lines that were up and are gone. */
  readonly lines: number
  /** Those of them that the client cut. */
  readonly cuts: number
}

export interface ChaosClient {
  readonly name: string
  readonly contacts: Contacts
  readonly tally: () => Tally
  /** Whether it sends new messages, and stays away; at first it does neither. */
  readonly talk: (talks: boolean) => void
  /** Sends a stanza. */
  readonly send: (stanza: string) => void
  /** Its session is there, and nothing of it waits for an ack. */
  readonly isQuiet: () => boolean
  readonly isUp: () => boolean
  /** The server knows a session of it that can be resumed, if it ever said so. */
  readonly hasSession: () => boolean
  /** Ends its session. */
  readonly leave: () => void
  /** Ends without a word. */
  readonly end: () => void
  /** What should never happen. */
  readonly surprises: () => ReadonlyArray<string>
}

const sm = 'urn:xmpp:sm:3'
const redialMilliseconds = 50
const sendMilliseconds = 40

type Stage = 'binding' | 'enabling' | 'offline' | 'resuming' | 'up'

export const createChaosClient = (options: ClientOptions): ChaosClient => {
  const { name, chance, ledger, habits } = options
  const tally = { resumed: 0, refused: 0, tooLong: 0, told: 0, lines: 0, cuts: 0 }
  const surprises: Array<string> = []
  const contacts = createContacts(name)
  const compose = composer(options, contacts)
  let stage: Stage = 'offline'
  let line: Line | undefined
  let smId: string | undefined
  let handled = 0
  let acknowledged = 0
  let outgoing = createOutgoing()
  let talks = false
  let ended = false
  let [dialClock, sendClock]: Array<NodeJS.Timeout | undefined> = []

  const surprise = (what: string): void => void surprises.push(`${name}: ${what}`)

  // The line

  const goOnline = (): void => {
    const dialled: Line = dial(
      { name, password: options.password, port: options.port, certificate: options.certificate },
      {
        loggedIn: () => beginOrResume(),
        // What a line that was cut has still to say is not heard.
        element: element => {
          if (line === dialled) take(element)
        },
        lost: () => {
          if (line === dialled) lost()
        },
        surprise,
      },
    )
    line = dialled
  }

  const lost = (): void => {
    clearTimeout(sendClock)
    if (stage === 'up') tally.lines += 1
    stage = 'offline'
    line = undefined
    if (ended) return
    const { staysAway } = habits
    const pause = talks && chance.fraction() < staysAway.chance ? chance.between(0, staysAway.milliseconds) : 0
    dialClock = setTimeout(goOnline, pause + redialMilliseconds + chance.between(0, redialMilliseconds))
  }

  const say = (xml: string): void => line?.say(xml)

  // The session

  const beginOrResume = (): void => {
    if (smId === undefined) return begin()
    stage = 'resuming'
    say(`<resume xmlns='${sm}' previd='${smId}' h='${handled}'/>`)
  }

  const begin = (): void => {
    stage = 'binding'
    say(
      "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>chaos</resource></bind></iq>",
    )
  }

  const take = (element: Element): void => {
    switch (element.getName()) {
      case 'message':
      case 'presence':
      case 'iq':
        return stage === 'binding' ? enable(element) : stanza(element)
      case 'enabled':
        return enabled(String(element.attrs.id))
      case 'resumed':
        return resumed(Number(element.attrs.h))
      case 'failed':
        return refused(element)
      case 'a':
        return acknowledge(Number(element.attrs.h))
      case 'r':
        return answer()
      case 'error':
        if (element.getChild('system-shutdown') === undefined) return surprise(`a stream error: ${element.toString()}`)
        tally.told += 1
    }
  }

  const enable = (element: Element): void => {
    if (element.getName() !== 'iq') return
    if (element.attrs.type !== 'result') return surprise(`no resource was bound: ${element.toString()}`)
    stage = 'enabling'
    handled = 0
    acknowledged = 0
    for (const { message } of outgoing.unacked())
      if (message !== undefined) ledger.doubt(name, message.to, message.number)
    outgoing = createOutgoing()
    ledger.beganAnew(name)
    contacts.beganAnew()
    say(`<enable xmlns='${sm}' resume='true'/>`)
  }

  const enabled = (id: string): void => {
    smId = id
    stage = 'up'
    send("<iq type='get' id='roster first'><query xmlns='jabber:iq:roster'/></iq>")
    send('<presence/>')
    fillWindow()
  }

  const resumed = (h: number): void => {
    tally.resumed += 1
    stage = 'up'
    acknowledge(h)
    const again = outgoing.unacked()
    say(`${again.map(({ xml }) => xml).join('')}<r xmlns='${sm}'/>`)
    fillWindow()
  }

  const refused = (element: Element): void => {
    if (stage !== 'resuming') return surprise(`stream management was refused: ${element.toString()}`)
    smId = undefined
    if (habits.mayBeRefused && element.getChild('resource-constraint') !== undefined) tally.tooLong += 1
    else {
      tally.refused += 1
      surprise(`a resumption was refused: ${element.toString()}`)
    }
    begin()
  }

  // Stanzas

  const stanza = (element: Element): void => {
    if (stage === 'up') handled += 1
    // It is available: from now on nothing that is sent to it goes to the storage first.
    if (isOwnPresence(element)) ledger.beganAnew(name)
    if (contacts.take(element, send)) return
    if (element.getName() !== 'message') return surprise(`got ${element.toString()}`)
    const [from = '', to = '', number = ''] = String(element.attrs.id).split(' ')
    if (element.attrs.type === 'error') return ledger.cameBack(from, to, Number(number))
    if (to !== name) surprise(`got a message to ${to}`)
    ledger.came(from, name, Number(number))
  }

  const isOwnPresence = (element: Element): boolean =>
    element.getName() === 'presence' &&
    element.attrs.type === undefined &&
    String(element.attrs.from).startsWith(`${name}@`)

  const acknowledge = (h: number): void => {
    const wrong = outgoing.acknowledge(h)
    if (wrong !== undefined) surprise(wrong)
  }

  const answer = (): void => {
    if (talks && handled - acknowledged < habits.acksEvery) return
    acknowledged = handled
    say(`<a xmlns='${sm}' h='${handled}'/>`)
  }

  const submit = (sent: Sent): void => {
    outgoing.add(sent)
    if (stage === 'up') say(sent.xml)
  }

  const send = (xml: string): void => submit({ xml })

  /** Fills the window, and comes again. */
  const fillWindow = (): void => {
    clearTimeout(sendClock)
    if (talks && line !== undefined && chance.fraction() < habits.cuts) return cut()
    const room = talks ? Math.min(habits.window - outgoing.unacked().length, chance.between(0, 6)) : 0
    for (let count = 0; count < room; count += 1) submit(compose())
    if (outgoing.unacked().length > 0) say(`<r xmlns='${sm}'/>`)
    sendClock = setTimeout(fillWindow, chance.between(1, sendMilliseconds))
  }

  const cut = (): void => {
    tally.cuts += 1
    const gone = line
    lost()
    gone?.cut()
  }

  goOnline()
  return {
    name,
    contacts,
    tally: () => ({ ...tally }),
    talk: does => {
      talks = does
      if (does || line !== undefined || ended) return
      clearTimeout(dialClock)
      goOnline()
    },
    send,
    isQuiet: () => stage === 'up' && outgoing.unacked().length === 0,
    isUp: () => stage === 'up',
    hasSession: () => smId !== undefined,
    leave: () => {
      ended = true
      line?.close()
    },
    end: () => {
      ended = true
      for (const clock of [dialClock, sendClock]) clearTimeout(clock)
      line?.cut()
    },
    surprises: () => [...surprises, ...contacts.complaints()],
  }
}

/** What it has to say: messages, and now and then a new item for its roster. */
const composer = ({ name, chance, ledger, peers, habits }: ClientOptions, contacts: Contacts): (() => Sent) => {
  const isBareTo = new Map<string, boolean>()
  const usesBare = (to: string): boolean => {
    if (!habits.keepsToAddress) return chance.fraction() < 0.3
    const uses = isBareTo.get(to) ?? chance.fraction() < 0.3
    isBareTo.set(to, uses)
    return uses
  }
  return () => {
    if (chance.fraction() < 0.02) return { xml: contacts.newItem() }
    const [absent] = peers.absent
    const isAbsent = absent !== undefined && chance.fraction() < 0.05
    const to = isAbsent ? chance.pick([absent, ...peers.absent.slice(1)]) : chance.pick(peers.present)
    const number = ledger.sending(name, to)
    const address = isAbsent || usesBare(to) ? `${to}@localhost` : `${to}@localhost/chaos`
    const body = '~'.repeat(chance.between(1, 200))
    return {
      xml: `<message to='${address}' type='chat' id='${name} ${to} ${number}'><body>${body}</body></message>`,
      message: { to, number },
    }
  }
}
