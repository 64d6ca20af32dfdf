/** The verbs of the control socket, over HTTP. */
import type { Handler } from '@smacks/control'
import type { Answer, Route } from '@smacks/http'
import * as Either from '#fp-ts/Either'

/**
 * A route for each verb: `session list` is `POST /api/session/list`, with its members as a JSON object or with nothing. `isOpen` says
 * whether anything is answered now; the server may be stopping.
 */
export const verbRoutes = (handlers: ReadonlyArray<Handler>, isOpen: () => boolean): ReadonlyArray<Route> =>
  handlers.map(handler => ({
    method: 'POST',
    path: `/api/${handler.verb.replaceAll(' ', '/')}`,
    access: 'token',
    answer: async ({ body }) => answerTo(handler, await body(), isOpen),
  }))

const answerTo = async (handler: Handler, body: string | undefined, isOpen: () => boolean): Promise<Answer> => {
  if (!isOpen()) return refused(503, 'the server is stopping')
  if (body === undefined) return refused(413, 'the request is too long')
  const members = Either.tryCatch(
    (): unknown => JSON.parse(body === '' ? '{}' : body),
    () => 'the request is no JSON',
  )
  if (Either.isLeft(members)) return refused(400, members.left)
  const handled = await handler.handle(members.right)
  return Either.isLeft(handled) ? refused(422, handled.left) : json(200, { answer: handled.right })
}

const refused = (status: number, why: string): Answer => json(status, { refused: why })

const json = (status: number, value: object): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: `${JSON.stringify(value)}\n`,
})
