/** Arguments and options of `smacks backup`. */
import type { Command } from 'commander'
import { configurationOf } from '../configuration.js'
import { backupHelp } from '../help.js'
import type { Terminal } from '../terminal.js'
import { configOption } from './config-option.js'

export const addBackup = (program: Command, terminal: Terminal): void => {
  program
    .command('backup')
    .description('copy the data folder, also while the server runs')
    .argument('<dir>', 'a folder that is not there yet, or empty')
    .option(...configOption)
    .addHelpText('after', backupHelp)
    .action(async (dir: string, { config }: { readonly config?: string }) => {
      const { backup } = await import('../backup.js')
      await backup(terminal, configurationOf(config), dir)
    })
}
