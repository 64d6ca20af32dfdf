/**
 * What the codec needs of its platform beyond ECMAScript. Browsers, Node, Deno, Bun and edge workers all have
 * it; stated here so that neither the types of the DOM nor those of Node are needed.
 */

interface Decoder {
  decode(bytes: Uint8Array): string
}

interface Encoder {
  encode(text: string): Uint8Array
}

interface Platform {
  readonly TextEncoder: new () => Encoder
  readonly TextDecoder: new (
    label: string,
    options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
  ) => Decoder
  readonly URL: new (text: string) => { readonly hostname: string }
}

/** A decoder that throws at bytes that are not UTF-8, and swallows no byte order mark. */
export const strictUtf8Decoder = (): Decoder => {
  const { TextDecoder } = globalThis as unknown as Platform
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
}

/** An encoder to UTF-8, in which half a surrogate pair becomes U+FFFD. */
export const utf8Encoder = (): Encoder => {
  const { TextEncoder } = globalThis as unknown as Platform
  return new TextEncoder()
}

/**
 * A host in A-labels, mapped and judged by UTS #46 (nontransitional, joiners checked); nothing if it is none. It
 * must not have characters that end a host in a URL.
 */
export const hostInAscii = (host: string): string | undefined => {
  const { URL } = globalThis as unknown as Platform
  try {
    // With one more label, since a last one of digits would make it an address.
    return new URL(`http://${host}.x`).hostname.slice(0, -2)
  } catch {
    return undefined
  }
}
