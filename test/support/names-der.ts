/** Alternative names of a certificate in DER (RFC 5280 §4.2.1.6), also such as no authority would write. */

/** A name of a certificate. */
export type AlternativeName =
  | { readonly dns: string }
  | { readonly ip: string }
  /** SRVName (RFC 4985), such as `_xmpp-server.example.org`. */
  | { readonly srv: string }
  /** id-on-xmppAddr (RFC 6120 §13.7.1.4). */
  | { readonly xmpp: string }
  /** Any other kind: its identifier in DER, and its value in DER. */
  | { readonly other: readonly [identifier: ReadonlyArray<number>, value: Buffer] }

/** The value of the extension. */
export const alternativeNames = (names: ReadonlyArray<AlternativeName>): Buffer => tlv(0x30, ...names.map(generalName))

/** Tag, length, value. */
export const tlv = (tag: number, ...contents: ReadonlyArray<Uint8Array>): Buffer => {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Uint8Array.of(tag, ...size), content])
}

export const utf8String = (text: string): Buffer => tlv(0x0c, Buffer.from(text))
export const ia5String = (text: string): Buffer => tlv(0x16, Buffer.from(text))

/** 1.3.6.1.5.5.7.8.n, "other names" of PKIX. */
export const otherNameOf = (n: number): ReadonlyArray<number> => [0x2b, 6, 1, 5, 5, 7, 8, n]

const generalName = (name: AlternativeName): Buffer => {
  if ('dns' in name) return tlv(0x82, Buffer.from(name.dns))
  if ('ip' in name) return tlv(0x87, Uint8Array.from(name.ip.split('.').map(Number)))
  if ('srv' in name) return otherName(otherNameOf(7), ia5String(name.srv))
  if ('xmpp' in name) return otherName(otherNameOf(5), utf8String(name.xmpp))
  return otherName(...name.other)
}

const otherName = (identifier: ReadonlyArray<number>, value: Buffer): Buffer =>
  tlv(0xa0, tlv(0x06, Uint8Array.from(identifier)), tlv(0xa0, value))
