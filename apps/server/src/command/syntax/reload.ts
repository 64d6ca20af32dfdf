/** Arguments and options of `smacks reload`. */
import type { Command } from 'commander'
import { configurationOf } from '../configuration.js'
import { reloadHelp } from '../help.js'
import type { Terminal } from '../terminal.js'
import { configOption } from './config-option.js'

export const addReload = (program: Command, terminal: Terminal): void => {
  program
    .command('reload')
    .description('have a running server read its configuration and its certificate again')
    .option(...configOption)
    .addHelpText('after', reloadHelp)
    .action(async ({ config }: { readonly config?: string }) => {
      const { reload } = await import('../reload.js')
      await reload(terminal, configurationOf(config))
    })
}
