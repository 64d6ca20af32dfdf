/** One client of the load: logs in, enables stream management, counts, acks, is cut, resumes. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { type Conversation, type Login, logIn, open } from './conversation.js'
import { createScanner } from './scanner.js'

export type { Login, Mechanism } from './conversation.js'

export interface SessionEvents {
  /** A message of the load came. */
  readonly message?: (number: number) => void
  /** The server acked so many of our stanzas in all. */
  readonly acked?: (h: number) => void
  /** A piece was read to its end. */
  readonly turn?: () => void
}

export interface LoadSession {
  readonly jid: () => string
  readonly on: (events: SessionEvents) => void
  readonly write: (text: string) => void
  /** Connects, logs in, binds, enables. */
  readonly start: () => Promise<void>
  /** Connects, logs in, resumes. */
  readonly resume: () => Promise<void>
  /** RST, without a word. */
  readonly cut: () => Promise<void>
  /** Ends the stream in good order. */
  readonly close: () => Promise<void>
  /** Leaves requests for acks unanswered, or no longer. */
  readonly withhold: (isWithheld: boolean) => void
  /** Acks all that came, asked or not. */
  readonly ack: () => void
  /** What went wrong, once. */
  readonly failure: () => string | undefined
}

export const smNamespace = 'urn:xmpp:sm:3'
export const ackRequest = `<r xmlns='${smNamespace}'/>`

interface State {
  socket: Socket | undefined
  /** Stanzas that came since stream management was enabled: the `h` of XEP-0198. */
  handled: number
  answers: string
  isWithheld: boolean
  /** The stream is about to end, as it should. */
  isClosing: boolean
  jid: string
  smId: string
  failure: string | undefined
  events: SessionEvents
}

export const createLoadSession = (login: Login): LoadSession => {
  const state: State = {
    socket: undefined,
    handled: 0,
    answers: '',
    isWithheld: false,
    isClosing: false,
    jid: '',
    smId: '',
    failure: undefined,
    events: {},
  }
  const connectAndLogIn = async (): Promise<Conversation> => {
    state.isClosing = false
    const conversation = await open(login, error => {
      state.failure ??= error.message
    })
    state.socket = conversation.socket
    await logIn(conversation, login)
    return conversation
  }
  return {
    jid: () => state.jid,
    on: events => {
      state.events = events
    },
    write: text => state.socket?.write(text, 'latin1'),
    start: async () => begin(state, await connectAndLogIn()),
    resume: async () => {
      state.failure = undefined
      const { say, endWith } = await connectAndLogIn()
      await say(
        `<resume xmlns='${smNamespace}' previd='${state.smId}' h='${state.handled}'/>`,
        /<resumed[^>]*(\/>|><\/resumed>)/,
      )
      endWith(readerOf(state))
    },
    cut: async () => {
      if (state.socket === undefined || state.socket.destroyed) return
      const closed = once(state.socket, 'close')
      state.socket.resetAndDestroy()
      await closed
    },
    close: async () => {
      if (state.socket === undefined || state.socket.destroyed) return
      const closed = once(state.socket, 'close')
      state.isClosing = true
      state.socket.end('</stream:stream>')
      await closed
    },
    withhold: isWithheld => {
      state.isWithheld = isWithheld
    },
    ack: () => state.socket?.write(ackOf(state), 'latin1'),
    failure: () => state.failure,
  }
}

const ackOf = ({ handled }: State): string => `<a xmlns='${smNamespace}' h='${handled}'/>`

const bindRequest =
  "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>load</resource></bind></iq>"

const begin = async (state: State, { say, endWith }: Conversation): Promise<void> => {
  const bound = await say(bindRequest, /<jid>([^<]+)<\/jid>.*?<\/iq>/)
  state.jid = bound[1] ?? ''
  const enabled = await say(`<presence/><enable xmlns='${smNamespace}' resume='true'/>`, /<enabled[^>]*\/>/)
  state.smId = /\sid=['"]([^'"]+)/.exec(enabled[0])?.[1] ?? ''
  const read = readerOf(state)
  // Offline messages come with the presence, and do not count as handled if they come before.
  read(enabled.input.slice(0, enabled.index))
  state.handled = 0
  endWith(read)
}

/** Reads what comes from now on, and answers each piece as a whole. */
const readerOf = (state: State): ((text: string) => void) => {
  const scan = createScanner({
    message: number => {
      state.handled += 1
      state.events.message?.(number)
    },
    otherStanza: () => {
      state.handled += 1
    },
    request: () => {
      if (!state.isWithheld && !state.isClosing) state.answers += ackOf(state)
    },
    ack: h => state.events.acked?.(h),
    surprise: text => {
      if (!state.isClosing) state.failure ??= text
    },
  })
  return text => {
    scan(text)
    if (state.answers !== '') {
      state.socket?.write(state.answers, 'latin1')
      state.answers = ''
    }
    state.events.turn?.()
  }
}
