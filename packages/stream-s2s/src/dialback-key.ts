/** Keys of Server Dialback (XEP-0185): made and verified from a secret, so that nothing has to be remembered. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** What a key is for: a stream from one domain to another. */
export interface DialbackKeyScope {
  /** The domain that the stream is to; it made the stream's id. */
  readonly receiving: string
  /** The domain that the stream is from; it makes the key, and says whether it did. */
  readonly originating: string
  readonly streamId: string
}

/** The key of a stream: 64 hexadecimal digits. */
export const dialbackKey = (secret: string, { receiving, originating, streamId }: DialbackKeyScope): string =>
  createHmac('sha256', createHash('sha256').update(secret).digest('hex'))
    .update(`${receiving} ${originating} ${streamId}`)
    .digest('hex')

/** True for the key that we made for this stream. Takes the same time for all others. */
export const isDialbackKey = (secret: string, scope: DialbackKeyScope, key: string): boolean => {
  const expected = Buffer.from(dialbackKey(secret, scope))
  const given = Buffer.from(key)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** Keys under one secret. */
export interface DialbackKeys {
  readonly make: (scope: DialbackKeyScope) => string
  /** True for the key that was made for this stream. */
  readonly isOurs: (scope: DialbackKeyScope, key: string) => boolean
}

export const dialbackKeys = (secret: string): DialbackKeys => ({
  make: scope => dialbackKey(secret, scope),
  isOurs: (scope, key) => isDialbackKey(secret, scope, key),
})
