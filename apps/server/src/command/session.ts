/** `smacks session`: the sessions of a running server. */
import { bareJid, parseJid } from '@smacks/codec'
import { detailLines, endSessions, listSessions, rowLines, type SessionRow, showSessions } from '@smacks/session-admin'
import { linkNamed } from '@smacks/stream-s2s'
import * as Option from 'fp-ts/lib/Option.js'
import type { ServerConfig } from '../config/server-config.js'
import { askServer } from './ask-server.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { say, type Terminal } from './terminal.js'

/** Lists the sessions, of one account or of all, by their addresses: a table, or an object of JSON a line. */
export const sessionList = async (
  terminal: Terminal,
  config: ServerConfig,
  typed: string | undefined,
  json: boolean,
): Promise<void> => {
  const account = typed === undefined ? {} : { account: whoseOrFail(typed).account }
  const rows: Array<SessionRow> = []
  let page = await askServer(config, listSessions, account)
  rows.push(...page.sessions)
  while (page.next !== undefined) {
    page = await askServer(config, listSessions, { ...account, after: page.next })
    rows.push(...page.sessions)
  }
  if (json) say(terminal.out, ...rows.map(row => JSON.stringify(row)))
  else if (rows.length === 0) say(terminal.out, 'There is no session.')
  else say(terminal.out, ...rowLines(rows, Date.now()))
}

/** Tells all that is known of a session, or of each of an account. */
export const sessionShow = async (
  terminal: Terminal,
  config: ServerConfig,
  typed: string,
  json: boolean,
): Promise<void> => {
  const { sessions, more, near } = await askServer(config, showSessions, whoseOrFail(typed))
  if (sessions.length === 0) throw new CommandFailure(noSession(typed, near))
  if (json) say(terminal.out, ...sessions.map(session => JSON.stringify(session)))
  else say(terminal.out, ...sessions.flatMap(session => detailLines(session, Date.now())))
  if (more > 0) say(terminal.err, `${more} more sessions of ${typed} are not shown; see smacks session list ${typed}.`)
}

/** Ends a session, or all of an account. */
export const sessionEnd = async (
  terminal: Terminal,
  config: ServerConfig,
  typed: string,
  reason: string | undefined,
): Promise<void> => {
  const whose = whoseOrFail(typed)
  if (linkNamed(typed) !== undefined)
    throw new CommandFailure(
      `${typed} is a link to another server; only sessions of accounts are ended.`,
      exitCode.usage,
    )
  const { ended, near } = await askServer(config, endSessions, {
    ...whose,
    ...(reason === undefined ? {} : { reason: reasonOrFail(reason) }),
  })
  if (ended.length === 0) throw new CommandFailure(noSession(typed, near))
  for (const { account, resource, phase, unacked } of ended) {
    const left = unacked === 0 ? 'nothing was unacked' : `what was unacked (${unacked}) is stored or returned`
    say(terminal.out, `${account}/${resource} is ended: it was ${phase}, ${left}.`)
  }
}

/** An account or a session, as it was typed; a link has one session. */
const whoseOrFail = (typed: string): { readonly account: string; readonly resource?: string } => {
  const link = linkNamed(typed)
  if (link !== undefined) return { account: link }
  const jid = Option.toUndefined(parseJid(typed))
  if (jid === undefined)
    throw new CommandFailure(
      `${JSON.stringify(typed)} is no address; allowed: romeo@example.org, or romeo@example.org/orchard.`,
      exitCode.usage,
    )
  return { account: bareJid(jid), ...(jid.resource === '' ? {} : { resource: jid.resource }) }
}

const longestReason = 200

/** It goes into a stream error, so into XML. */
const reasonOrFail = (reason: string): string => {
  if (reason.trim() !== '' && reason.length <= longestReason && !/\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/u.test(reason))
    return reason
  throw new CommandFailure(
    `The reason cannot be sent: allowed are 1 to ${longestReason} characters on one line.`,
    exitCode.usage,
  )
}

const noSession = (typed: string, near: ReadonlyArray<string>): string =>
  `There is no session of ${typed}.${near.length === 0 ? '' : ` There is ${near.join(', ')}.`}`
