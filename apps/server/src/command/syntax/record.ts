/** Arguments and options of `smacks record`. */
import type { Command } from 'commander'
import { configurationOf } from '../configuration.js'
import { recordHelp } from '../help.js'
import type { Terminal } from '../terminal.js'
import { configOption } from './config-option.js'

const recordCommands = () => import('../record.js')

export const addRecordCommands = (program: Command, terminal: Terminal): void => {
  const record = program.command('record').description('record what happens to accounts of a running server')
  record.helpCommand(false).addHelpText('after', recordHelp)
  record
    .command('start')
    .description('record accounts from now on')
    .argument('[jid...]', 'the accounts; none: all')
    .option('--redact', 'x in place of text; sizes, addresses and ids stay')
    .option(...configOption)
    .action(async (jids: ReadonlyArray<string>, options: { readonly config?: string; readonly redact?: boolean }) => {
      const { recordStart } = await recordCommands()
      await recordStart(terminal, configurationOf(options.config), jids, options.redact === true)
    })
  record
    .command('stop')
    .description('record accounts no more')
    .argument('[jid...]', 'the accounts; none: all')
    .option(...configOption)
    .action(async (jids: ReadonlyArray<string>, options: { readonly config?: string }) => {
      const { recordStop } = await recordCommands()
      await recordStop(terminal, configurationOf(options.config), jids)
    })
  record
    .command('status')
    .description('say what is recorded, and into which file')
    .option(...configOption)
    .action(async (options: { readonly config?: string }) => {
      const { recordStatus } = await recordCommands()
      await recordStatus(terminal, configurationOf(options.config))
    })
}
