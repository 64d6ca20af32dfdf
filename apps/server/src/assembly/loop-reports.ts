/** What the loop reports, in the log, and what the transports do about it. */
import type { Stanza } from '@smacks/codec'
import { describeIgnored, isMisuse } from '@smacks/core'
import type { Readiness } from '@smacks/http'
import type { Refusal, RuntimeOptions } from '@smacks/runtime'
import type { TcpTransport } from '@smacks/transport-tcp'
import type { Logger } from 'pino'

type LoopReports = Required<
  Pick<RuntimeOptions<Stanza>, 'onClockStep' | 'onFault' | 'onIgnored' | 'onRecovery' | 'onRefused' | 'onStall'>
>

const unwritable = 'the journal cannot be written'

/** As long as the journal cannot be written, the transports take nothing in. */
export const loopReports = (
  log: Logger,
  transports: ReadonlyArray<TcpTransport>,
  readiness: Readiness,
): LoopReports => ({
  onFault: (error, where) => log.error({ err: error, where }, 'a fault of ours; the loop goes on'),
  onStall: (error, attempt) => {
    readiness.note(unwritable, true)
    for (const each of transports) each.suspend()
    if (attempt === 1)
      log.fatal({ err: error }, 'the journal cannot be written: nothing is taken in or acknowledged until it can be')
    else log.error({ err: error, attempt }, 'the journal still cannot be written')
  },
  onRefused: ({ account, message }, outcome) =>
    log.error({ account, reason: message }, `something of an account can never be stored: ${refusalOutcome[outcome]}`),
  onRecovery: () => {
    readiness.note(unwritable, false)
    for (const each of transports) each.resume()
    log.info('the journal can be written again; nothing was lost')
  },
  // Races are as usual as traffic, and of misuse the payload is nobody's business.
  onIgnored: (account, { _tag }, ignored) => {
    if (isMisuse(ignored)) log.debug({ account, event: _tag, reason: ignored.reason }, describeIgnored(ignored))
  },
  onClockStep: by => log.warn({ seconds: by / 1000 }, 'the clock was set; deadlines have moved with it'),
})

/** What becomes of an account of which something cannot be stored. All others are served as before. */
const refusalOutcome: Readonly<Record<Refusal, string>> = {
  'message returned': 'the message went back to its sender',
  'sessions ended':
    'its sessions were ended; what they had not acknowledged is among its offline messages or was returned',
  'set aside': 'it is set aside, and nobody can log in there until the server is started anew',
}
