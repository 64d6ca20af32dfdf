/** Text as bytes. All platforms have this encoder; stated here so that no platform's types are needed. */
interface Platform {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array }
}

const { TextEncoder } = globalThis as unknown as Platform
const encoder = new TextEncoder()

export const utf8 = (text: string): Uint8Array => encoder.encode(text)
