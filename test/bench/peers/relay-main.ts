/**
 * The floor: what Node can do when nothing is decided. It splits stanzas, looks up `to`, counts, acks, keeps what is
 * not acked, and lets sessions resume. It checks nothing, knows no errors, and belongs to nobody's production.
 *
 * Usage: relay-main.ts PORT
 */
import { createServer, type Socket } from 'node:net'

interface Session {
  readonly jid: string
  socket: Socket | undefined
  handled: number
  sent: number
  acked: number
  /** Stanzas from `acked` on. */
  queue: Array<string>
  out: string
  awaiting: boolean
}

const sessions = new Map<string, Session>()
const sm = 'urn:xmpp:sm:3'
const header =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='localhost' id='1' version='1.0'>"
const beforeLogin =
  "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
const afterLogin = `<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='${sm}'/></stream:features>`

const dirty = new Set<Session>()

/** Everything of one turn leaves in one write a socket. */
const flush = (): void => {
  for (const session of dirty) {
    if (session.socket === undefined) continue
    if (!session.awaiting && session.queue.length > 0) {
      session.awaiting = true
      session.out += `<r xmlns='${sm}'/>`
    }
    session.socket.write(session.out, 'latin1')
    session.out = ''
  }
  dirty.clear()
}

const put = (session: Session, text: string): void => {
  if (dirty.size === 0) setImmediate(flush)
  dirty.add(session)
  session.out += text
}

const route = (stanza: string): void => {
  const start = stanza.indexOf("to='") + 4
  const target = sessions.get(stanza.slice(start, stanza.indexOf("'", start)))
  if (target === undefined) return
  target.sent += 1
  target.queue.push(stanza)
  if (target.socket !== undefined) put(target, stanza)
}

const ack = (session: Session, h: number): void => {
  session.awaiting = false
  session.queue = session.queue.slice(h - session.acked)
  session.acked = h
  if (session.queue.length > 0) put(session, '')
}

const attribute = (text: string, name: string): string => text.split(`${name}='`)[1]?.split("'")[0] ?? ''

createServer({ noDelay: true }, socket => {
  let session: Session | undefined
  let user = ''
  let pending = ''

  const handle = (text: string): void => {
    if (text.startsWith('<message')) {
      if (session !== undefined) session.handled += 1
      route(text)
    } else if (session !== undefined && text.startsWith('<r '))
      put(session, `<a xmlns='${sm}' h='${session.handled}'/>`)
    else if (session !== undefined && text.startsWith('<a ')) ack(session, Number(attribute(text, 'h')))
    else if (text.startsWith('<stream:stream')) socket.write(header + (user === '' ? beforeLogin : afterLogin))
    else if (text.startsWith('<auth')) {
      user =
        Buffer.from(text.split('>')[1] ?? '', 'base64')
          .toString()
          .split('\0')[1] ?? ''
      socket.write("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
    } else if (text.startsWith('<iq')) {
      session = {
        jid: `${user}@localhost/load`,
        socket,
        handled: 0,
        sent: 0,
        acked: 0,
        queue: [],
        out: '',
        awaiting: false,
      }
      sessions.set(session.jid, session)
      socket.write(`<iq type='result' id='bind'><bind><jid>${session.jid}</jid></bind></iq>`)
    } else if (session !== undefined && text.startsWith('<enable')) {
      socket.write(`<enabled xmlns='${sm}' id='${session.jid}' resume='true'/>`)
    } else if (text.startsWith('<resume')) {
      session = sessions.get(attribute(text, 'previd'))
      if (session === undefined) return
      session.socket = socket
      ack(session, Number(attribute(text, 'h')))
      put(session, `<resumed xmlns='${sm}' previd='${session.jid}' h='${session.handled}'/>${session.queue.join('')}`)
    }
  }

  socket.on('data', bytes => {
    const text = pending + bytes.toString('latin1')
    let at = 0
    for (;;) {
      const start = text.indexOf('<', at)
      const end = start < 0 ? -1 : endOf(text, start)
      if (end < 0) break
      handle(text.slice(start, end))
      at = end
    }
    pending = text.slice(at)
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    if (session?.socket === socket) session.socket = undefined
  })
}).listen(Number(process.argv[2]), '127.0.0.1')

/** Where the element ends that starts at `start`; -1 if not yet. */
const endOf = (text: string, start: number): number => {
  const close = text.indexOf('>', start)
  if (close < 0 || text.charCodeAt(close - 1) === 0x2f || text.startsWith('<?', start)) return close + 1 || -1
  if (text.startsWith('<stream:', start)) return close + 1
  const name = text.startsWith('<m', start) ? '</message>' : text.startsWith('<i', start) ? '</iq>' : '</auth>'
  const end = text.indexOf(name, close)
  return end < 0 ? -1 : end + name.length
}
