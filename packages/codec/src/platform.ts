/**
 * What the codec needs of its platform beyond ECMAScript. Browsers, Node, Deno, Bun and edge workers all have
 * it; stated here so that neither the types of the DOM nor those of Node are needed.
 */

interface Decoder {
  decode(bytes: Uint8Array): string
}

interface Platform {
  readonly TextDecoder: new (
    label: string,
    options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
  ) => Decoder
}

/** A decoder that throws at bytes that are not UTF-8, and swallows no byte order mark. */
export const strictUtf8Decoder = (): Decoder => {
  const { TextDecoder } = globalThis as unknown as Platform
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
}
