/** Asks a running server. */
import { connect, type Socket } from 'node:net'
import { describeErrors } from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import { linesOf } from './lines.js'
import { answerCodec, longestLine, type Verb } from './protocol.js'

/** Why there is no answer. */
export type AskProblem =
  /** Nobody listens. */
  | { readonly _tag: 'NoServer'; readonly reason: string }
  /** The server says why it will not. */
  | { readonly _tag: 'Refused'; readonly reason: string }
  /** What listens there does not speak as it should. */
  | { readonly _tag: 'NoAnswer'; readonly reason: string }

/** Asks for one thing; the answer, or why there is none. Never rejects. */
export const ask = async <Request, Answer>(
  path: string,
  verb: Verb<Request, Answer>,
  request: Request,
): Promise<Either.Either<AskProblem, Answer>> => {
  const connected = await connectTo(path)
  if (Either.isLeft(connected)) return connected
  const socket = connected.right
  try {
    socket.write(`${JSON.stringify({ verb: verb.name, ...verb.request.encode(request) })}\n`)
    for await (const line of linesOf(socket, longestLine)) return answerOf(verb, line)
    return noAnswer('it closed the connection')
  } catch (cause) {
    return noAnswer(cause instanceof Error ? cause.message : String(cause))
  } finally {
    socket.destroy()
  }
}

/** A server answers at once, but for what has to be written to the disk. */
const patienceMilliseconds = 60_000

const connectTo = (path: string): Promise<Either.Either<AskProblem, Socket>> =>
  new Promise(resolve => {
    const socket = connect(path)
    socket.setTimeout(patienceMilliseconds, () => socket.destroy(new Error('it does not answer')))
    socket.once('connect', () => resolve(Either.right(socket)))
    socket.on('error', error => resolve(Either.left({ _tag: 'NoServer', reason: error.message })))
  })

const noAnswer = (reason: string): Either.Either<AskProblem, never> => Either.left({ _tag: 'NoAnswer', reason })

const answerOf = <Request, Answer>(verb: Verb<Request, Answer>, line: string): Either.Either<AskProblem, Answer> => {
  const answer = answerCodec.decode(JSON.parse(line))
  if (Either.isLeft(answer)) return noAnswer(describeErrors(answer.left))
  if ('refused' in answer.right) return Either.left({ _tag: 'Refused', reason: answer.right.refused })
  const decoded = verb.answer.decode(answer.right.answer)
  return Either.isLeft(decoded) ? noAnswer(describeErrors(decoded.left)) : decoded
}
