/**
 * Bytes as a string, one character from U+0000 to U+00FF a byte: the ByteString of Web IDL. Text in UTF-8 that only passes
 * through stays so: it need not be decoded and encoded again, it takes one byte of memory a byte, and its length is that on
 * the wire. Text in ASCII is its own byte string.
 */
import { strictUtf8Decoder, utf8Encoder } from './platform.js'

declare const byteString: unique symbol

/** UTF-8 as a string of bytes. It is no text: only `textOfBytes` makes it one. */
export type ByteString = string & { readonly [byteString]: true }

/** Makes a string of some bytes of an array. A platform may have a faster way than `byteStringOf`. */
export type ByteStringReader = (bytes: Uint8Array, start: number, end: number) => ByteString

const beyondAscii = /[^\0-\x7f]/

/** Text of ASCII, or bytes of such text: both are the same string. */
export const isAscii = (text: string): boolean => !beyondAscii.test(text)

/** More arguments than this some engines do not take. */
const mostArguments = 8192

export const byteStringOf: ByteStringReader = (bytes, start, end) => {
  let text = ''
  for (let at = start; at < end; at += mostArguments)
    text += String.fromCharCode.apply(
      null,
      bytes.subarray(at, Math.min(end, at + mostArguments)) as unknown as number[],
    )
  return text as ByteString
}

/** The text in UTF-8. */
export const utf8Bytes = (text: string): ByteString => {
  if (isAscii(text)) return text as ByteString
  const bytes = utf8Encoder().encode(text)
  return byteStringOf(bytes, 0, bytes.length)
}

/** The text that these bytes are in UTF-8. */
export const textOfBytes = (bytes: ByteString): string => {
  if (isAscii(bytes)) return bytes
  return strictUtf8Decoder().decode(bytesIn(bytes))
}

/** The bytes themselves. */
export const bytesIn = (bytes: ByteString): Uint8Array => {
  const array = new Uint8Array(bytes.length)
  for (let at = 0; at < bytes.length; at += 1) array[at] = bytes.charCodeAt(at)
  return array
}
