/** Values in DER (X.690), as far as certificates need them. */

export interface DerValue {
  readonly tag: number
  readonly start: number
  readonly end: number
}

/** The value whose tag is at `index`; nothing if it does not fit into the bytes. */
export const valueAt = (der: Uint8Array, index: number): DerValue | undefined => {
  const tag = der[index]
  const first = der[index + 1]
  if (tag === undefined || first === undefined) return undefined
  let start = index + 2
  let length = first
  if (first >= 0x80) {
    const octets = first & 0x7f
    if (octets === 0 || octets > 4) return undefined
    length = 0
    for (let octet = 0; octet < octets; octet += 1) length = length * 256 + (der[start + octet] ?? 0)
    start += octets
  }
  return start + length <= der.length ? { tag, start, end: start + length } : undefined
}

export const hexadecimal = (der: Uint8Array, { start, end }: DerValue): string =>
  Buffer.from(der.buffer, der.byteOffset + start, end - start).toString('hex')

/** The values inside of a constructed one; nothing if they do not fit into it. */
export const valuesIn = (der: Uint8Array, { start, end }: DerValue): ReadonlyArray<DerValue> | undefined => {
  const values: Array<DerValue> = []
  for (let at = start; at < end; ) {
    const value = valueAt(der, at)
    if (value === undefined || value.end > end) return undefined
    values.push(value)
    at = value.end
  }
  return values
}
