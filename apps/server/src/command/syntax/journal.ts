/** Arguments and options of `smacks journal`. */
import type { Repair } from '@smacks/journal-lmdb'
import type { Command } from 'commander'
import { configurationOf } from '../configuration.js'
import { CommandFailure, exitCode } from '../exit-code.js'
import { journalHelp } from '../help.js'
import type { Terminal } from '../terminal.js'
import { configOption } from './config-option.js'

/** Loaded when it is asked for: other commands start sooner without. */
const journalCommands = () => import('../journal.js')

export const addJournalCommands = (program: Command, terminal: Terminal): void => {
  const journal = program.command('journal').description('look into the journal of sessions, and mend it')
  journal.helpCommand(false).addHelpText('after', journalHelp)
  journal
    .command('inspect')
    .description('tell what is journalled; also while the server runs')
    .argument('[jid]', 'only this account')
    .option('--json', 'one JSON object')
    .option(...configOption)
    .action(async (jid: string | undefined, options: { readonly config?: string; readonly json?: boolean }) => {
      const { journalInspect } = await journalCommands()
      await journalInspect(terminal, configurationOf(options.config), jid, options.json === true)
    })
  journal
    .command('export')
    .description('write the journal as a recording for smacks replay')
    .option('--account <jid>', 'only this account')
    .option(...configOption)
    .action(async (options: { readonly config?: string; readonly account?: string }) => {
      const { journalExport } = await journalCommands()
      await journalExport(terminal, configurationOf(options.config), options.account)
    })
  journal
    .command('repair')
    .description('mend an account that does not decode, while no server runs')
    .argument('<jid>')
    .option('--forget', 'its sessions and their stanzas are gone')
    .option('--keep-readable', 'they are as they were before the first fault')
    .option(...configOption)
    .action(async (jid: string, options: RepairArguments) => {
      const how = repairOf(options)
      const { journalRepair } = await journalCommands()
      await journalRepair(terminal, configurationOf(options.config), jid, how)
    })
}

interface RepairArguments {
  readonly config?: string
  readonly forget?: boolean
  readonly keepReadable?: boolean
}

const repairOf = ({ forget = false, keepReadable = false }: RepairArguments): Repair => {
  if (forget === keepReadable)
    throw new CommandFailure('Say what is to be done: --forget or --keep-readable.', exitCode.usage)
  return forget ? 'forget' : 'keep-readable'
}
