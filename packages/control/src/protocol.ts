/**
 * How the command `smacks` talks to a server that runs on the same data: over a socket, one JSON object a
 * line. A request names a verb and has its members; each gets one answer, in order.
 */
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import * as t from '#io-ts'

/** Where a server's data is, as its configuration says; the path. */
export interface DataFolder {
  readonly data: string
}

/** Something that a running server can be asked for. */
export interface Verb<Request, Answer> {
  readonly name: string
  readonly request: t.Type<Request, object, unknown>
  readonly answer: t.Type<Answer, object, unknown>
}

/** Bytes of a line at most, in both directions. */
export const longestLine = 1_048_576

/**
 * The socket of the server on this data: in its folder, or, where that path is too long for a socket, in the folder for
 * temporary files, named by the digest of the data folder's real path.
 */
export const socketPath = ({ data }: DataFolder): string => {
  const inside = join(data, 'control.sock')
  if (fits(inside)) return inside
  const name = createHash('sha256').update(realPath(data)).digest('hex').slice(0, 32)
  return join(tmpdir(), `smacks-${name}.sock`)
}

/** Bytes of the path of a socket at most: what `sockaddr_un` has room for. */
export const longestPath = 107

/** Whether there can be a socket at the path. */
export const fits = (path: string): boolean => Buffer.byteLength(path) <= longestPath

const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    // It is not made yet.
    return resolve(path)
  }
}

/** A request, as far as all have it; the members of the verb stand beside. */
export const requestCodec = t.type({ verb: t.string })

/** What a server answers: what the verb promises, or in one sentence why not. */
export const answerCodec = t.union([t.type({ refused: t.string }), t.type({ answer: t.UnknownRecord })])
