/** From a request to its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Refuse } from './access.js'
import { readBody } from './body.js'
import type { HttpLimits } from './limits.js'
import { type Answer, type Sink, type StreamedAnswer, sentence } from './route.js'
import { type Routes, targetOf } from './routes.js'

export interface AnsweringOptions {
  readonly routes: Routes
  readonly refuse: Refuse
  readonly limits: HttpLimits
  /** Something that must not have happened happened while this path was answered. */
  readonly onFault: (error: unknown, path: string) => void
}

export interface Answering {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void
  /** Ends all streams; from now on none begins. */
  readonly endStreams: () => void
}

export const createAnswering = ({ routes, refuse, limits, onFault }: AnsweringOptions): Answering => {
  const streams = new Set<Sink>()
  let underWay = 0
  let isEnding = false

  const answerTo = async (request: IncomingMessage, body: Promise<string | undefined>): Promise<Answer> => {
    const target = targetOf(request.url)
    if (target === undefined) return sentence(400, 'The request names no path.')
    const found = routes.find(request.method ?? '', target.path)
    if ('status' in found) return found
    const refused = refuse(found.access, request.headers)
    if (refused !== undefined) return refused
    try {
      return await found.answer({ ...target, headers: request.headers, body: () => body })
    } catch (error) {
      onFault(error, target.path)
      return sentence(500, 'A fault of the server; see its log.')
    }
  }

  const send = (response: ServerResponse, answer: Answer): void => {
    if (response.destroyed) return
    const headers = { ...usual, ...answer.headers }
    if (!('stream' in answer)) {
      const bytes = Buffer.from(answer.body ?? '')
      response.writeHead(answer.status, { ...headers, 'Content-Length': bytes.length }).end(bytes)
    } else if (isEnding) send(response, unavailable)
    else stream(response.writeHead(answer.status, headers), answer)
  }

  const stream = (response: ServerResponse, answer: StreamedAnswer): void => {
    response.flushHeaders()
    const sink = sinkOf(response, limits.unsentBytes)
    streams.add(sink)
    sink.onEnd(() => streams.delete(sink))
    if (response.req.method === 'HEAD') sink.end()
    else answer.stream(sink)
  }

  return {
    answer: (request, response) => {
      const body = readBody(request, limits.bodyBytes)
      if (underWay >= limits.requests) return send(response, unavailable)
      underWay += 1
      response.once('close', () => {
        underWay -= 1
      })
      void answerTo(request, body)
        .then(answer => send(response, answer))
        .catch(error => {
          onFault(error, request.url ?? '')
          response.destroy()
        })
    },
    endStreams: () => {
      isEnding = true
      for (const sink of [...streams]) sink.end()
    },
  }
}

const usual = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const

const unavailable = sentence(503, 'The server has as many requests as it takes, or is stopping.', {
  'Retry-After': '1',
})

const sinkOf = (response: ServerResponse, unsentBytes: number): Sink => ({
  write: text => {
    if (response.destroyed || response.writableEnded) return
    response.write(text)
    if (response.writableLength > unsentBytes) response.destroy()
  },
  end: () => {
    response.end()
  },
  onEnd: callback => {
    if (response.closed) callback()
    else response.once('close', callback)
  },
})
