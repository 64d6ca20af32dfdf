/**
 * How the command `smacks` talks to a server that runs on the same data: over a socket in the data folder, one JSON
 * object a line. A request names a verb and has its members; each gets one answer, in order.
 */
import { join } from 'node:path'
import type { ServerConfig } from '@smacks/codec'
import * as t from 'io-ts'

/** Something that a running server can be asked for. */
export interface Verb<Request, Answer> {
  readonly name: string
  readonly request: t.Type<Request, object, unknown>
  readonly answer: t.Type<Answer, object, unknown>
}

/** Bytes of a line at most, in both directions. */
export const longestLine = 1_048_576

/** The socket of the server on this data. */
export const socketPath = ({ data }: Pick<ServerConfig, 'data'>): string => join(data, 'control.sock')

/** Bytes of the path of a socket at most: what `sockaddr_un` has room for. */
export const longestPath = 107

/** Whether there can be a socket at the path. */
export const fits = (path: string): boolean => Buffer.byteLength(path) <= longestPath

/** A request, as far as all have it; the members of the verb stand beside. */
export const requestCodec = t.type({ verb: t.string })

/** What a server answers: what the verb promises, or in one sentence why not. */
export const answerCodec = t.union([t.type({ refused: t.string }), t.type({ answer: t.UnknownRecord })])
