/** The part of `@xmpp/client` 0.14 that the demo uses; the package has no types of its own. */
declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events'

  export interface XmlElement {
    readonly name: string
    readonly attrs: Readonly<Record<string, string>>
    readonly children: ReadonlyArray<XmlElement | string>
    readonly is: (name: string, xmlns?: string) => boolean
    readonly getChild: (name: string, xmlns?: string) => XmlElement | undefined
    readonly getChildText: (name: string, xmlns?: string) => string | null
  }

  /** What `connect` needs of a socket; `secure` decides whether passwords may travel. */
  export interface XmppSocket extends EventEmitter {
    secure: boolean
    connect(options: { readonly host: string; readonly port: number }): void
    write(data: string, done?: (error?: Error | null) => void): void
    end(): void
  }

  /** An instance that the library never makes: it calls the methods of the prototype. */
  export interface TransportMethods {
    Socket: new () => XmppSocket
    socketParameters(service: string): object | undefined
  }

  export type XmppTransport = new () => TransportMethods

  export interface StreamManagement extends EventEmitter {
    enabled: boolean
    id: string
    /** The `h` last received. */
    outbound: number
    /** Our own `h`. */
    inbound: number
    outbound_q: ReadonlyArray<{ readonly stanza: XmlElement }>
    /** Milliseconds. */
    timeout: number
    requestAckInterval: number
    requestAckDebounce: number
  }

  export interface XmppClient extends EventEmitter {
    status: string
    socket: XmppSocket | null
    /** Milliseconds that an answer to opening or closing may take. */
    timeout: number
    readonly jid: { toString(): string } | null
    readonly options: { readonly domain: string }
    readonly transports: Array<XmppTransport>
    readonly reconnect: { delay: number; stop(): void }
    readonly streamManagement: StreamManagement
    readonly streamFeatures: {
      use(name: string, xmlns: string, handler: (context: object, next: () => Promise<void>) => Promise<void>): void
    }
    connect(service: string): Promise<unknown>
    open(options: { readonly domain: string }): Promise<unknown>
    stop(): Promise<unknown>
    restart(): Promise<unknown>
    send(element: XmlElement): Promise<void>
    sendReceive(element: XmlElement): Promise<XmlElement>
  }

  export const client: (options: {
    readonly service: string
    readonly domain: string
    readonly username: string
    readonly password: string
    readonly resource?: string
  }) => XmppClient

  export const xml: (
    name: string,
    attributes?: Readonly<Record<string, string>>,
    ...children: ReadonlyArray<XmlElement | string>
  ) => XmlElement
}
