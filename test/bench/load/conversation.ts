/** Question and answer on a new connection, up to a login; what comes after that is read by somebody faster. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { scramClient } from './scram.js'

export type Mechanism = 'PLAIN' | 'SCRAM-SHA-1' | 'SCRAM-SHA-256'

export interface Login {
  readonly mechanism: Mechanism
  readonly port: number
  /** The connection begins with TLS. */
  readonly tls: boolean
  readonly domain: string
  readonly username: string
  readonly password: string
  /** Where to connect from; 127.0.0.1 unless told. One address has ports for some 20,000 connections. */
  readonly localAddress?: string
}

export interface Conversation {
  readonly socket: Socket
  /** Sends, and waits for what matches; what comes before the match is dropped. */
  readonly say: (text: string, answer: RegExp) => Promise<RegExpExecArray>
  /** From now on `read` gets all that comes, and first what came already. */
  readonly endWith: (read: (text: string) => void) => void
}

const answerMilliseconds = 60_000

/** Connects; `onError` hears of an error of the socket at any time. */
export const open = async (login: Login, onError: (error: Error) => void): Promise<Conversation> => {
  const socket = connectTo(login)
  socket.on('error', onError)
  await once(socket, login.tls ? 'secureConnect' : 'connect')
  return converse(socket)
}

const connectTo = ({ port, tls, domain, localAddress = '127.0.0.1' }: Login): Socket => {
  const socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true })
  if (!tls) return socket
  // The certificate is made for each run, so nobody vouches for it. One cipher, so that all servers do the same work.
  const options = { ALPNProtocols: ['xmpp-client'], rejectUnauthorized: false, ciphers: 'TLS_AES_256_GCM_SHA384' }
  return connectTls({ socket, servername: domain, ...options })
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
    socket,
    say,
    endWith: next => {
      read = next
      next(text)
      text = ''
    },
  }
}

/** Opens the stream, authenticates, and opens it again (RFC 6120 §6). */
export const logIn = async ({ say }: Conversation, login: Login): Promise<void> => {
  const { domain, username, password, mechanism } = login
  const header = `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`
  await say(header, /<stream:features.*?<\/stream:features>/s)
  const auth = (data: string): string =>
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${mechanism}'>${encode(data)}</auth>`
  if (mechanism === 'PLAIN') {
    await say(auth(`\0${username}\0${password}`), /<success[^>]*>/)
  } else {
    const scram = scramClient(username, password, mechanism === 'SCRAM-SHA-1' ? 'sha1' : 'sha256')
    const [, challenge = ''] = await say(auth(scram.first), /<challenge[^>]*>([^<]*)<\/challenge>/)
    const response = encode(scram.final(Buffer.from(challenge, 'base64').toString()))
    await say(`<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${response}</response>`, /<success.*?<\/success>/)
  }
  await say(header, /<stream:features.*?<\/stream:features>/s)
}

const encode = (text: string): string => Buffer.from(text).toString('base64')
