/** Asks the server that runs on the data of a configuration. */
import { type AskProblem, ask, fits, foreignOwner, longestPath, socketPath, type Verb } from '@smacks/control'
import * as Either from 'fp-ts/lib/Either.js'
import type { ServerConfig } from '../config/server-config.js'
import { CommandFailure } from './exit-code.js'

/** The answer; fails, and says what to do, if there is none. */
export const askServer = async <Request, Answer>(
  config: ServerConfig,
  verb: Verb<Request, Answer>,
  request: Request,
): Promise<Answer> => {
  const path = socketPath(config)
  if (!fits(path))
    throw new CommandFailure(
      `A server cannot be reached at ${path}: a socket's path has at most ${longestPath} bytes. Choose a shorter "data" in the configuration, or configure [record] and start the server anew.`,
    )
  const answer = await ask(path, verb, request)
  if (Either.isLeft(answer)) {
    const hidden = answer.left._tag === 'NoServer' ? await foreignOwner(config) : undefined
    throw new CommandFailure(
      hidden === undefined ? describeProblem(answer.left, config) : `The server cannot be asked: ${hidden}`,
    )
  }
  return answer.right
}

const describeProblem = (problem: AskProblem, { data }: ServerConfig): string => {
  switch (problem._tag) {
    case 'NoServer':
      return `No server runs on ${data} (${problem.reason}). Start it, or give the --config that it has.`
    case 'Refused':
      return `The server refuses: ${problem.reason}.`
    case 'NoAnswer':
      return `The server on ${data} does not answer as it should: ${problem.reason}. Is it of the same version?`
  }
}
