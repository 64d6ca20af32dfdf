import type { IncomingMessage } from 'node:http'

/** More than so many times what a body may have, and the connection ends. */
const patience = 16

/**
 * Reads the body of a request, whether anybody wants it or not, so that an answer reaches a peer that is still sending.
 * Resolves to undefined if it has more than `limit` bytes or does not come whole.
 */
export const readBody = (request: IncomingMessage, limit: number): Promise<string | undefined> =>
  new Promise(resolve => {
    const chunks: Array<Buffer> = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else chunks.length = 0
      if (size > limit) resolve(undefined)
      if (size > limit * patience) request.destroy()
    })
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    request.once('close', () => resolve(undefined))
  })
