/** One line to the server: TCP or direct TLS, logged in, with whole elements on it. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { createStreamReader, type Element, type StreamReader } from '@smacks/codec'

export interface LineOptions {
  readonly user: string
  readonly domain: string
  readonly password: string
  readonly port: number
  /** The server's certificate, if the line is to be direct TLS. */
  readonly certificate: string | undefined
}

export interface LineEvents {
  /** Logged in; the features of the stream came, and a session can be begun or resumed. */
  readonly loggedIn: () => void
  /** A first-level element after that, or a stream error. */
  readonly element: (element: Element) => void
  /** The server closed the stream with `</stream:stream>`. */
  readonly closed: () => void
  /** Nothing more comes; told once, also of a line that never came up. */
  readonly lost: () => void
  /** The login took too long and was given up. */
  readonly late: () => void
  /** Something came that no server should say. */
  readonly surprise: (what: string) => void
}

export interface Line {
  readonly say: (xml: string) => void
  /** RST, without a word. */
  readonly cut: () => void
  /** The end of our stream; the server answers with the end of its own. */
  readonly close: () => void
}

const limits = { headerBytes: 10_000, stanzaBytes: 1_000_000, depth: 50, elements: 10_000, attributes: 50 }
const headerTo = (domain: string): string =>
  `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`
/** A login that takes longer is given up: it may have met a server on its last breath. */
const loginMilliseconds = 10_000

export const dial = ({ user, domain, password, port, certificate }: LineOptions, events: LineEvents): Line => {
  const wire = connect({ host: '127.0.0.1', port, noDelay: true })
  const socket: Socket =
    certificate === undefined ? wire : connectTls({ socket: wire, ca: certificate, servername: 'localhost' })
  const patience = setTimeout(() => {
    events.late()
    socket.destroy()
  }, loginMilliseconds)
  let stage: 'authenticating' | 'opening' | 'open' = 'authenticating'
  let reader: StreamReader | undefined

  const openStream = (): void => {
    let isOpen = false
    reader = createStreamReader(limits, {
      header: () => {
        isOpen = true
      },
      element: take,
      close: () => {
        events.closed()
        socket.end()
      },
      // A server that stops may close the old stream where a new one was about to begin.
      fault: ({ condition, text = '' }) => {
        if (isOpen) events.surprise(`the server's stream is at fault: ${condition} ${text}`)
        socket.destroy()
      },
    })
    socket.write(headerTo(domain))
  }

  const take = (element: Element): void => {
    if (stage === 'open' || element.getName() === 'error') return events.element(element)
    switch (element.getName()) {
      case 'success':
        stage = 'opening'
        return openStream()
      case 'failure':
        return events.surprise(`the login was refused: ${element.toString()}`)
      case 'features':
        if (stage === 'authenticating') return authenticate()
        stage = 'open'
        clearTimeout(patience)
        return events.loggedIn()
    }
  }

  const authenticate = (): void => {
    const plain = Buffer.from(`\0${user}\0${password}`).toString('base64')
    socket.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`)
  }

  socket.once(certificate === undefined ? 'connect' : 'secureConnect', openStream)
  socket.on('data', (bytes: Buffer) => reader?.write(bytes))
  socket.on('error', () => {})
  wire.on('error', () => socket.destroy())
  socket.once('close', () => {
    clearTimeout(patience)
    wire.destroy()
    events.lost()
  })
  return {
    say: xml => void socket.write(xml),
    cut: () => {
      wire.resetAndDestroy()
      socket.destroy()
    },
    close: () => void socket.write('</stream:stream>'),
  }
}
