/** One client of the load: logs in over plain TCP, enables stream management, acks, is cut, resumes. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createScanner } from './scanner.js'
import { scramClient } from './scram.js'

/** What the server checks fastest: PLAIN where it keeps passwords, SCRAM where it keeps keys. */
export type Mechanism = 'PLAIN' | 'SCRAM-SHA-1'

export interface Login {
  readonly mechanism: Mechanism
  readonly port: number
  readonly domain: string
  readonly username: string
  readonly password: string
}

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
  /** What went wrong, once. */
  readonly failure: () => string | undefined
}

export const smNamespace = 'urn:xmpp:sm:3'
const answerMilliseconds = 30_000

export const createLoadSession = (login: Login): LoadSession => {
  let socket: Socket | undefined
  let handled = 0
  let answers = ''
  let jid = ''
  let smId = ''
  let failure: string | undefined
  let events: SessionEvents = {}

  const newScanner = () =>
    createScanner({
      message: number => {
        handled += 1
        events.message?.(number)
      },
      otherStanza: () => {
        handled += 1
      },
      request: () => {
        answers += `<a xmlns='${smNamespace}' h='${handled}'/>`
      },
      ack: h => events.acked?.(h),
      surprise: text => {
        failure ??= text
      },
    })
  let scan = newScanner()
  const read = (text: string): void => {
    scan(text)
    if (answers !== '') {
      socket?.write(answers, 'latin1')
      answers = ''
    }
    events.turn?.()
  }

  const connectAndLogIn = async (): Promise<Conversation> => {
    scan = newScanner()
    socket = connect({ host: '127.0.0.1', port: login.port, noDelay: true })
    socket.on('error', error => {
      failure ??= error.message
    })
    await once(socket, 'connect')
    const conversation = converse(socket)
    await logIn(conversation, login)
    return conversation
  }

  return {
    jid: () => jid,
    on: next => {
      events = next
    },
    write: text => socket?.write(text, 'latin1'),
    start: async () => {
      const { say, endWith } = await connectAndLogIn()
      const bound = await say(bindRequest, /<jid>([^<]+)<\/jid>.*?<\/iq>/)
      jid = bound[1] ?? ''
      const enabled = await say(`<presence/><enable xmlns='${smNamespace}' resume='true'/>`, /<enabled[^>]*\/>/)
      smId = /\sid=['"]([^'"]+)/.exec(enabled[0])?.[1] ?? ''
      handled = 0
      endWith(read)
    },
    resume: async () => {
      failure = undefined
      const { say, endWith } = await connectAndLogIn()
      await say(`<resume xmlns='${smNamespace}' previd='${smId}' h='${handled}'/>`, /<resumed[^>]*\/>/)
      endWith(read)
    },
    cut: async () => {
      if (socket === undefined || socket.destroyed) return
      const closed = once(socket, 'close')
      socket.resetAndDestroy()
      await closed
    },
    failure: () => failure,
  }
}

const bindRequest =
  "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>load</resource></bind></iq>"

/** Question and answer, until `endWith` hands over to somebody faster. */
interface Conversation {
  /** Sends, and waits for what matches; what comes before the match is dropped. */
  readonly say: (text: string, answer: RegExp) => Promise<RegExpExecArray>
  /** From now on `read` gets all that comes, and first what came already. */
  readonly endWith: (read: (text: string) => void) => void
}

const converse = (socket: Socket): Conversation => {
  let text = ''
  let waiting: (() => void) | undefined
  let read: ((text: string) => void) | undefined
  socket.on('data', bytes => {
    const piece = bytes.toString('latin1')
    if (read !== undefined) read(piece)
    else {
      text += piece
      waiting?.()
    }
  })

  const say = (question: string, answer: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`no ${answer} after ${question}: ${text.slice(0, 600)}`))
      const clock = setTimeout(fail, answerMilliseconds)
      socket.once('close', fail)
      waiting = () => {
        const match = answer.exec(text)
        if (match === null) return
        waiting = undefined
        clearTimeout(clock)
        socket.off('close', fail)
        text = text.slice(match.index + match[0].length)
        resolve(match)
      }
      socket.write(question, 'latin1')
    })

  return {
    say,
    endWith: next => {
      read = next
      next(text)
    },
  }
}

const logIn = async ({ say }: Conversation, { domain, username, password, mechanism }: Login): Promise<void> => {
  const header = `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`
  await say(header, /<stream:features.*?<\/stream:features>/s)
  const auth = (data: string): string =>
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${mechanism}'>${encode(data)}</auth>`
  if (mechanism === 'PLAIN') {
    await say(auth(`\0${username}\0${password}`), /<success[^>]*>/)
  } else {
    const scram = scramClient(username, password)
    const [, challenge = ''] = await say(auth(scram.first), /<challenge[^>]*>([^<]*)<\/challenge>/)
    const response = encode(scram.final(Buffer.from(challenge, 'base64').toString()))
    await say(`<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${response}</response>`, /<success.*?<\/success>/)
  }
  await say(header, /<stream:features.*?<\/stream:features>/s)
}

const encode = (text: string): string => Buffer.from(text).toString('base64')
