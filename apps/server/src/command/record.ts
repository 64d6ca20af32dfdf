/** `smacks record`: what a running server records. */
import { join } from 'node:path'
import type { RecordingStatus } from '@smacks/recording-files'
import { linkNamed } from '@smacks/stream-s2s'
import * as Either from 'fp-ts/lib/Either.js'
import type { ServerConfig } from '../config/server-config.js'
import * as verbs from '../recording/verbs.js'
import { accountOfServer } from './account.js'
import { askServer } from './ask-server.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { say, type Terminal } from './terminal.js'

/** Has accounts recorded, all if none is named. */
export const recordStart = async (
  terminal: Terminal,
  config: ServerConfig,
  jids: ReadonlyArray<string>,
  redact: boolean,
): Promise<void> => {
  const accounts = accountsOrFail(jids, config)
  tell(terminal, await askServer(config, verbs.recordStart, { accounts, redact }))
}

/** Has accounts recorded no more, all if none is named; what was recorded is on disk then. */
export const recordStop = async (
  terminal: Terminal,
  config: ServerConfig,
  jids: ReadonlyArray<string>,
): Promise<void> => {
  const accounts = accountsOrFail(jids, config)
  tell(terminal, await askServer(config, verbs.recordStop, { accounts }))
}

/** Says what is recorded. */
export const recordStatus = async (terminal: Terminal, config: ServerConfig): Promise<void> =>
  tell(terminal, await askServer(config, verbs.recordStatus, {}))

const accountsOrFail = (jids: ReadonlyArray<string>, { domains }: ServerConfig): ReadonlyArray<string> =>
  jids.length === 0
    ? ['*']
    : jids.map(typed => {
        const link = linkNamed(typed)
        if (link !== undefined) return link
        const jid = accountOfServer(typed, domains)
        if (Either.isLeft(jid)) throw new CommandFailure(`${jid.left}.`, exitCode.usage)
        return jid.right
      })

const tell = ({ out }: Terminal, status: RecordingStatus): void => {
  const { accounts, redacted, directory, file, trouble } = status
  if (accounts.length === 0) return say(out, `Nothing is recorded. The files are in ${directory}.`)
  const who = accounts.includes('*') ? 'All accounts' : accounts.join(', ')
  say(out, `${who}: recorded${redacted ? ', redacted' : ''}.`)
  if (trouble !== undefined) say(out, `But nothing can be written to ${directory}: ${trouble}. It is tried again.`)
  else if (file !== undefined) say(out, join(directory, file))
}
