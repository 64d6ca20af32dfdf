/**
 * STARTTLS for `@xmpp/client` with a certificate that is named.
 *
 * The library upgrades with the authorities that Node was started with, and takes no option for it; switching
 * the check off for the whole process is no way out. So the client gets a transport of its own: a socket that
 * is not a `net.Socket`, which the library's STARTTLS passes by, and a handler that upgrades it with `ca`.
 */
import { EventEmitter, once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type XmppClient, type XmppSocket, xml } from '@xmpp/client'

const tlsNamespace = 'urn:ietf:params:xml:ns:xmpp-tls'

/** Lets the client trust `certificate` (PEM) for its domain, and nothing else. Before `start`. */
export const trustCertificate = (xmpp: XmppClient, certificate: string): void => {
  const tcp = xmpp.transports.find(transport => speaksTcp(transport.prototype))
  if (tcp === undefined) throw new Error('this build of @xmpp/client has no TCP transport')
  class UpgradableTransport extends tcp {}
  UpgradableTransport.prototype.Socket = UpgradableSocket
  xmpp.transports.unshift(UpgradableTransport)

  xmpp.streamFeatures.use('starttls', tlsNamespace, async (_context, next) => {
    const { socket } = xmpp
    if (!(socket instanceof UpgradableSocket) || socket.secure) return next()
    const answer = await xmpp.sendReceive(xml('starttls', { xmlns: tlsNamespace }))
    if (!answer.is('proceed', tlsNamespace)) throw new Error(`the server refused STARTTLS with <${answer.name}/>`)
    await socket.upgrade({ ca: certificate, servername: xmpp.options.domain })
    await xmpp.restart()
  })
}

const speaksTcp = (prototype: { socketParameters(service: string): object | undefined }): boolean => {
  try {
    return prototype.socketParameters('xmpp://localhost:5222') !== undefined
  } catch {
    return false
  }
}

/** TCP first, the same line under TLS later; whoever listens need not know. */
class UpgradableSocket extends EventEmitter implements XmppSocket {
  secure = false
  #line: Socket | undefined

  connect(options: { readonly host: string; readonly port: number }): void {
    const line = connectTcp(options)
    line.once('connect', () => this.emit('connect'))
    this.#listen(line)
  }

  async upgrade(options: ConnectionOptions): Promise<void> {
    const plain = this.#line
    if (plain === undefined) throw new Error('the line dropped before TLS')
    plain.removeAllListeners('data')
    plain.removeAllListeners('close')
    const line = connectTls({ ...options, socket: plain })
    this.#listen(line)
    await once(line, 'secureConnect')
    this.secure = true
  }

  write(data: string, done?: (error?: Error | null) => void): void {
    if (this.#line === undefined) done?.(new Error('not connected'))
    else this.#line.write(data, done)
  }

  end(): void {
    this.#line?.end()
  }

  #listen(line: Socket): void {
    this.#line = line
    line.on('data', data => this.emit('data', data))
    line.on('error', error => this.emit('error', error))
    line.on('close', hadError => this.emit('close', hadError))
  }
}
