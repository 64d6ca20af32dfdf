/** Arguments and options of `smacks session`. */
import type { Command } from 'commander'
import { configurationOf } from '../configuration.js'
import { sessionHelp } from '../help.js'
import type { Terminal } from '../terminal.js'
import { configOption } from './config-option.js'

interface SessionOptions {
  readonly config?: string
  readonly json?: boolean
  readonly reason?: string
}

/** Loaded when it is asked for: other commands start sooner without. */
const sessionCommands = () => import('../session.js')

export const addSessionCommands = (program: Command, terminal: Terminal): void => {
  const session = program.command('session').description('look at the sessions of a running server, and end them')
  session.helpCommand(false).addHelpText('after', sessionHelp)
  session
    .command('list')
    .description('tell which there are')
    .argument('[jid]', 'only those of this account')
    .option('--json', 'one JSON object a line')
    .option(...configOption)
    .action(async (jid: string | undefined, { config, json }: SessionOptions) => {
      const { sessionList } = await sessionCommands()
      await sessionList(terminal, configurationOf(config), jid, json === true)
    })
  session
    .command('show')
    .description('tell all that is known of one, or of each of an account')
    .argument('<jid>')
    .option('--json', 'one JSON object a line')
    .option(...configOption)
    .action(async (jid: string, { config, json }: SessionOptions) => {
      const { sessionShow } = await sessionCommands()
      await sessionShow(terminal, configurationOf(config), jid, json === true)
    })
  session
    .command('end')
    .description('end one, or all of an account; they cannot be resumed')
    .argument('<jid>')
    .option('--reason <text>', 'what the client is told')
    .option(...configOption)
    .action(async (jid: string, { config, reason }: SessionOptions) => {
      const { sessionEnd } = await sessionCommands()
      await sessionEnd(terminal, configurationOf(config), jid, reason)
    })
}
