/**
 * A client that never gives up: logs in, sends, acks what it handles, and resumes whenever its line is gone. What the
 * server did not ack it sends again after `<resumed/>`, or in a new session if the old one is over (XEP-0198 §5).
 */
import type { Element } from '@smacks/codec'
import type { Chance } from './chance.js'
import { createComposer, type Peers } from './composer.js'
import { type Contacts, createContacts } from './contacts.js'
import type { Habits } from './habits.js'
import { bareJidOf, fullJidOf, identityOf, otherDomain } from './identity.js'
import type { Ledger } from './ledger.js'
import { dial, type Line } from './line.js'
import { createOutgoing, type Sent } from './outgoing.js'
import { noTally, type Tally } from './tally.js'

export interface ClientOptions {
  readonly name: string
  readonly password: string
  readonly port: number
  /** The server's certificate, if it is to use direct TLS. */
  readonly certificate?: string
  readonly peers: Peers
  readonly habits: Habits
  readonly chance: Chance
  readonly ledger: Ledger
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
  const identity = identityOf(name)
  const tally = { ...noTally }
  const surprises: Array<string> = []
  const contacts = createContacts(name)
  const compose = createComposer({ ...options, ...habits, contacts })
  const outgoing = createOutgoing()
  let stage: Stage = 'offline'
  let line: Line | undefined
  let smId: string | undefined
  let handled = 0
  let acknowledged = 0
  /** What the session before this one did not take. */
  let again: ReadonlyArray<Sent> = []
  let talks = false
  let ended = false
  let [dialClock, sendClock]: Array<NodeJS.Timeout | undefined> = []

  const surprise = (what: string): void => void surprises.push(`${name}: ${what}`)

  // The line

  const goOnline = (): void => {
    const dialled: Line = dial(
      { ...identity, password: options.password, port: options.port, certificate: options.certificate },
      {
        loggedIn: () => beginOrResume(),
        // What a line that was cut has still to say is not heard.
        element: element => {
          if (line === dialled) take(element)
        },
        closed: () => {
          if (line === dialled && !ended && (stage === 'up' || stage === 'resuming'))
            surprise('its stream was closed in form, though its session goes on')
        },
        lost: () => {
          if (line === dialled) lost()
        },
        late: () => {
          tally.late += 1
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

  const cut = (): void => {
    tally.cuts += 1
    const gone = line
    lost()
    gone?.cut()
  }

  const say = (xml: string): void => line?.say(xml)

  // The session

  const beginOrResume = (): void => {
    if (smId === undefined) return begin()
    stage = 'resuming'
    say(`<resume xmlns='${sm}' previd='${smId}' h='${handled}'/>`)
  }

  /**
   * In one write: what came between the two would go to a session without stream management, and if the server died then,
   * nobody could say what became of it.
   */
  const begin = (): void => {
    stage = 'binding'
    say(
      `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${identity.resource}</resource></bind></iq><enable xmlns='${sm}' resume='true'/>`,
    )
  }

  const take = (element: Element): void => {
    switch (element.getName()) {
      case 'message':
      case 'presence':
      case 'iq':
        return stage === 'binding' ? bound(element) : stanza(element)
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
        if (element.getChild('host-unknown') !== undefined && identity.domain === otherDomain) return
        // Only who has no session yet is told of the stop: all others are to resume.
        if (element.getChild('system-shutdown') === undefined || stage === 'up' || stage === 'resuming')
          surprise(`a stream error: ${element.toString()}`)
    }
  }

  const bound = (element: Element): void => {
    if (element.getName() !== 'iq') return
    if (element.attrs.type !== 'result') return surprise(`no resource was bound: ${element.toString()}`)
    stage = 'enabling'
    handled = 0
    acknowledged = 0
    ledger.beganAnew(name)
  }

  const enabled = (id: string): void => {
    smId = id
    stage = 'up'
    submit({ xml: "<iq type='get' id='roster first'><query xmlns='jabber:iq:roster'/></iq>", isOfSession: true })
    submit({ xml: `<presence><priority>${identity.priority}</priority></presence>`, isOfSession: true })
    for (const sent of again) submit(sent)
    again = []
    fillWindow()
  }

  const resumed = (h: number): void => {
    tally.resumed += 1
    // Our h, in <resume/>, said what we have.
    ledger.told(name)
    tally.awaited = Math.max(tally.awaited, ledger.open(name))
    stage = 'up'
    acknowledge(h)
    const unacked = outgoing.unacked().map(({ xml }) => xml)
    say(`${unacked.join('')}<r xmlns='${sm}'/>`)
    fillWindow()
  }

  const refused = (element: Element): void => {
    if (stage !== 'resuming') return surprise(`stream management was refused: ${element.toString()}`)
    smId = undefined
    if (habits.mayBeRefused && mayBeSaid(element, habits)) tally.beganAnew += 1
    else {
      tally.refused += 1
      surprise(`a resumption was refused: ${element.toString()}`)
    }
    giveUp(element.attrs.h)
    contacts.beganAnew()
    begin()
  }

  /** Without a last word of what the server handled nothing can be sent again: it might come twice. */
  const giveUp = (h: string | undefined): void => {
    if (h !== undefined) acknowledge(Number(h))
    const unacked = outgoing.beginAnew()
    if (h !== undefined) again = [...again, ...unacked]
    else for (const { message } of unacked) if (message !== undefined) ledger.doubt(name, message.to, message.number)
  }

  // Stanzas

  const stanza = (element: Element): void => {
    if (stage === 'up') handled += 1
    // It is available: from now on nothing that is sent to it goes to the storage first.
    if (isOwnPresence(element)) ledger.becameAvailable(name)
    if (contacts.take(element, send)) return
    if (element.getName() !== 'message') return surprise(`got ${element.toString()}`)
    const [from = '', to = '', number = ''] = String(element.attrs.id).split(' ')
    if (element.attrs.type === 'error') return ledger.cameBack(from, to, Number(number))
    if (bareJidOf(to) !== bareJidOf(name)) surprise(`got a message to ${to}`)
    ledger.came(from, to, Number(number), name)
  }

  const isOwnPresence = (element: Element): boolean =>
    element.getName() === 'presence' &&
    element.attrs.type === undefined &&
    String(element.attrs.from) === fullJidOf(name)

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

/** Too much waits in the session, or it is over, and its last `h` is told. */
const mayBeSaid = (failed: Element, { mayBeForgotten }: Habits): boolean =>
  failed.getChild('resource-constraint') !== undefined ||
  (failed.getChild('item-not-found') !== undefined && (mayBeForgotten || failed.attrs.h !== undefined))
