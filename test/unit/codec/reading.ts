import { createStreamReader, type StreamFault, type StreamHeader, type StreamLimits, toXml } from '@smacks/codec'

export const defaultLimits: StreamLimits = {
  headerBytes: 10_000,
  stanzaBytes: 10_000,
  depth: 64,
  elements: 10_000,
  attributes: 100,
}

export const declaration = "<?xml version='1.0'?>"
export const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"

/** What a reader told, in order. */
export type Told =
  | { readonly header: StreamHeader }
  | { readonly element: string }
  | { readonly fault: StreamFault }
  | 'closed'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A reader, and what it tells. */
export const recordingReader = (limits: Partial<StreamLimits> = {}) => {
  const told: Array<Told> = []
  const reader = createStreamReader(
    { ...defaultLimits, ...limits },
    {
      header: read => told.push({ header: read }),
      element: element => told.push({ element: toXml(element) }),
      close: () => told.push('closed'),
      fault: fault => told.push({ fault }),
    },
  )
  return { ...reader, told, writeText: (text: string) => reader.write(bytesOf(text)) }
}

/** What a reader tells of bytes that come in pieces of this size. */
export const readInPieces = (
  input: Uint8Array | string,
  size: number,
  limits?: Partial<StreamLimits>,
): ReadonlyArray<Told> => {
  const bytes = typeof input === 'string' ? bytesOf(input) : input
  const reader = recordingReader(limits)
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size))
  return reader.told
}

/** What a reader tells of a whole input. */
export const readAll = (input: Uint8Array | string, limits?: Partial<StreamLimits>): ReadonlyArray<Told> =>
  readInPieces(input, Number.MAX_SAFE_INTEGER, limits)

/** The elements behind a header, as they come out of the reader. */
export const elementsIn = (text: string, limits?: Partial<StreamLimits>): ReadonlyArray<Told> =>
  readAll(header + text, limits).slice(1)

/** The condition of the fault that ends the reading, if one does. */
export const faultIn = (input: Uint8Array | string, limits?: Partial<StreamLimits>): string | undefined => {
  const last = readAll(input, limits).at(-1)
  return typeof last === 'object' && 'fault' in last ? last.fault.condition : undefined
}
