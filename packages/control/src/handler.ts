/** From a line to what the server does about it. */
import { describeErrors } from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import { requestCodec, type Verb } from './protocol.js'

/** What the server does for one verb. */
export interface Handler {
  readonly verb: string
  /** The encoded answer; `Left` says in one sentence why there is none. */
  readonly handle: (request: unknown) => Promise<Either.Either<string, object>>
}

export const handlerOf = <Request, Answer>(
  verb: Verb<Request, Answer>,
  act: (request: Request) => Promise<Either.Either<string, Answer>>,
): Handler => ({
  verb: verb.name,
  handle: async request => {
    const decoded = verb.request.decode(request)
    if (Either.isLeft(decoded)) return Either.left(`${verb.name}: ${describeErrors(decoded.left)}`)
    return Either.map(verb.answer.encode)(await act(decoded.right))
  },
})

/** The answer to a line, as a line without its end. Never rejects; `onFault` hears of what should not have happened. */
export const answerTo = async (
  line: string,
  handlers: ReadonlyArray<Handler>,
  onFault: (error: unknown) => void,
): Promise<string> => {
  try {
    const handled = await handle(line, handlers)
    return JSON.stringify(Either.isLeft(handled) ? { refused: handled.left } : { answer: handled.right })
  } catch (error) {
    onFault(error)
    return JSON.stringify({ refused: 'a fault of the server; see its log' })
  }
}

const handle = async (line: string, handlers: ReadonlyArray<Handler>): Promise<Either.Either<string, object>> => {
  const parsed = Either.tryCatch(
    (): unknown => JSON.parse(line),
    () => 'the request is no JSON',
  )
  if (Either.isLeft(parsed)) return parsed
  const request = requestCodec.decode(parsed.right)
  if (Either.isLeft(request)) return Either.left(describeErrors(request.left))
  const { verb, ...members } = request.right
  if (handlers.length === 0) return Either.left('it is stopping, or busy with its data')
  const handler = handlers.find(one => one.verb === verb)
  return handler === undefined
    ? Either.left(
        `verb: found ${JSON.stringify(verb.slice(0, 60))}, allowed: ${handlers.map(one => one.verb).join(', ')}`,
      )
    : handler.handle(members)
}
