/** Arguments and options of `smacks init`. */
import type { Command } from 'commander'
import { initHelp } from '../help.js'
import type { Terminal } from '../terminal.js'

export const addInit = (program: Command, terminal: Terminal): void => {
  program
    .command('init')
    .description('write a configuration file with all options and their defaults')
    .argument('[file]', 'the file; - for standard output', 'smacks.toml')
    .option('--domain <domain...>', 'the domains to serve, instead of localhost')
    .addHelpText('after', initHelp)
    .action(async (file: string, { domain = [] }: { readonly domain?: ReadonlyArray<string> }) => {
      const { init } = await import('../init.js')
      init(terminal, file, domain)
    })
}
