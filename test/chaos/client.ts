/**
 * A client that never gives up: logs in, sends, acks what it handles, and resumes whenever its line is gone, be it cut by
 * the server's death or by itself. What the server did not ack it sends again after `<resumed/>` (XEP-0198 §5).
 */
import { connect, type Socket } from 'node:net'
import { createStreamReader, type Element, type StreamReader } from '@smacks/codec'
import type { Chance } from './chance.js'
import type { Ledger } from './ledger.js'

export interface ClientOptions {
  readonly name: string
  readonly password: string
  readonly port: number
  /** The names of all clients; each has the resource `chaos`. */
  readonly peers: readonly [string, ...ReadonlyArray<string>]
  readonly chance: Chance
  readonly ledger: Ledger
  /** Messages that may wait for the server's ack. */
  readonly window: number
}

export interface Tally {
  resumed: number
  /** `<failed/>` came in answer to `<resume/>`. */
  refused: number
  cuts: number
}

export interface ChaosClient {
  readonly name: string
  readonly tally: Tally
  /** Whether it sends new messages; at first it does not. */
  readonly talk: (talks: boolean) => void
  /** RST, without a word; it stays away for so many milliseconds. */
  readonly cut: (away: number) => void
  /** Connected, and nothing of it waits for an ack. */
  readonly isQuiet: () => boolean
  readonly isUp: () => boolean
  readonly end: () => void
  /** What should never happen. */
  readonly surprises: ReadonlyArray<string>
}

const sm = 'urn:xmpp:sm:3'
const limits = { stanzaBytes: 1_000_000, depth: 50, attributes: 50 }
const header =
  "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
const redialMilliseconds = 40
/** A login that takes longer is given up, since a connection may have met a server on its last breath. */
const loginMilliseconds = 5_000

type Stage = 'offline' | 'authenticating' | 'binding' | 'enabling' | 'resuming' | 'up'

export const createChaosClient = (options: ClientOptions): ChaosClient => {
  const { name, password, port, peers, chance, ledger, window } = options
  const tally: Tally = { resumed: 0, refused: 0, cuts: 0 }
  const surprises: Array<string> = []
  let stage: Stage = 'offline'
  let socket: Socket | undefined
  let reader: StreamReader | undefined
  let loginClock: NodeJS.Timeout | undefined
  let smId: string | undefined
  let handled = 0
  let acked = 0
  let unacked: Array<string> = []
  let sends = false
  let away = 0
  let ended = false
  let pumpClock: NodeJS.Timeout | undefined

  const dial = (): void => {
    if (ended) return
    const dialled = connect({ host: '127.0.0.1', port, noDelay: true })
    socket = dialled
    dialled.on('connect', () => {
      stage = 'authenticating'
      openStream(dialled)
      const plain = Buffer.from(`\0${name}\0${password}`).toString('base64')
      dialled.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`)
    })
    dialled.on('data', bytes => {
      if (socket === dialled) reader?.write(bytes)
    })
    dialled.on('error', () => {})
    dialled.on('close', () => {
      if (socket === dialled) lost()
    })
    loginClock = setTimeout(() => dialled.destroy(), loginMilliseconds)
  }

  const lost = (): void => {
    clearTimeout(loginClock)
    clearTimeout(pumpClock)
    stage = 'offline'
    reader = undefined
    socket = undefined
    if (!ended) setTimeout(dial, away + redialMilliseconds + chance.between(0, redialMilliseconds))
    away = 0
  }

  const openStream = (on: Socket): void => {
    let isOpen = false
    reader = createStreamReader(limits, {
      header: () => {
        isOpen = true
      },
      element: take,
      close: () => on.destroy(),
      // A server that stops may close the old stream where a new one was about to begin.
      fault: ({ condition, text = '' }) => {
        if (isOpen) surprises.push(`${name}: ${condition} ${text}`)
        on.destroy()
      },
    })
    on.write(header)
  }

  const say = (text: string): void => void socket?.write(text)

  const take = (element: Element): void => {
    switch (stage) {
      case 'authenticating':
        return authenticate(element)
      case 'binding':
      case 'resuming':
        return negotiate(element)
      case 'enabling':
      case 'up':
        return live(element)
      case 'offline':
        return
    }
  }

  const authenticate = (element: Element): void => {
    if (element.getName() === 'success' && socket !== undefined) {
      stage = smId === undefined ? 'binding' : 'resuming'
      openStream(socket)
    } else if (element.getName() === 'failure') surprises.push(`${name}: the login was refused: ${element.toString()}`)
  }

  const negotiate = (element: Element): void => {
    switch (element.getName()) {
      case 'features':
        return stage === 'resuming'
          ? say(`<resume xmlns='${sm}' previd='${smId}' h='${handled}'/>`)
          : say(
              "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>chaos</resource></bind></iq>",
            )
      case 'iq':
        stage = 'enabling'
        return say(`<enable xmlns='${sm}' resume='true'/>`)
      case 'resumed':
        return resume(Number(element.attrs.h))
      case 'failed':
        tally.refused += 1
        surprises.push(`${name}: a resumption was refused: ${element.toString()}`)
        smId = undefined
        return void socket?.destroy()
    }
  }

  const resume = (h: number): void => {
    tally.resumed += 1
    clearTimeout(loginClock)
    stage = 'up'
    acknowledge(h)
    say(`${unacked.join('')}<r xmlns='${sm}'/>`)
    pump()
  }

  const live = (element: Element): void => {
    switch (element.getName()) {
      case 'enabled':
        smId = element.attrs.id
        stage = 'up'
        clearTimeout(loginClock)
        say('<presence/>')
        unacked.push('<presence/>')
        return pump()
      case 'a':
        acknowledge(Number(element.attrs.h))
        return pump()
      case 'r':
        return say(`<a xmlns='${sm}' h='${handled}'/>`)
      case 'message':
      case 'presence':
      case 'iq':
        if (stage === 'up') handled += 1
        return element.getName() === 'message' ? message(element) : undefined
      default:
        // A stream error; the end of the stream follows.
        return
    }
  }

  const acknowledge = (h: number): void => {
    if (h < acked || h > acked + unacked.length)
      surprises.push(`${name}: the server says h=${h}; it said ${acked} before, and ${unacked.length} are unacked`)
    unacked = unacked.slice(h - acked)
    acked = h
  }

  const message = (element: Element): void => {
    const [from = '', to = '', number = ''] = (element.attrs.id ?? '').split(' ')
    if (element.attrs.type === 'error') ledger.cameBack(from, to, Number(number))
    else ledger.came(from, name, Number(number))
    if (element.attrs.type !== 'error' && to !== name) surprises.push(`${name} got a message to ${to}`)
  }

  /** Fills the window, and comes again. */
  const pump = (): void => {
    clearTimeout(pumpClock)
    if (stage !== 'up') return
    let text = ''
    for (let room = sends ? Math.min(window - unacked.length, chance.between(0, 6)) : 0; room > 0; room -= 1) {
      const to = chance.pick(peers)
      const id = `${name} ${to} ${ledger.sending(name, to)}`
      const stanza = `<message to='${to}@localhost/chaos' type='chat' id='${id}'><body>${'~'.repeat(chance.between(1, 200))}</body></message>`
      unacked.push(stanza)
      text += stanza
    }
    if (unacked.length > 0) text += `<r xmlns='${sm}'/>`
    if (text !== '') say(text)
    pumpClock = setTimeout(pump, chance.between(1, 40))
  }

  dial()
  return {
    name,
    tally,
    surprises,
    talk: talks => {
      sends = talks
    },
    cut: milliseconds => {
      if (socket === undefined) return
      tally.cuts += 1
      away = milliseconds
      socket.resetAndDestroy()
    },
    isQuiet: () => stage === 'up' && unacked.length === 0,
    isUp: () => stage === 'up',
    end: () => {
      ended = true
      clearTimeout(pumpClock)
      clearTimeout(loginClock)
      socket?.destroy()
    },
  }
}
