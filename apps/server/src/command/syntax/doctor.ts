/** Arguments and options of `smacks doctor`. */
import type { Command } from 'commander'
import { configurationOf } from '../configuration.js'
import { doctorHelp } from '../help.js'
import type { Terminal } from '../terminal.js'
import { configOption } from './config-option.js'

export const addDoctor = (program: Command, terminal: Terminal, done: (code: number) => void): void => {
  program
    .command('doctor')
    .description('look at data folder, disk, certificate, ports and DNS: what works, and what to do')
    .option('--json', 'one JSON object a line')
    .option(...configOption)
    .addHelpText('after', doctorHelp)
    .action(async ({ config, json = false }: { readonly config?: string; readonly json?: boolean }) => {
      const { doctor } = await import('../doctor/doctor.js')
      done(await doctor(terminal, configurationOf(config), { configFile: config, json }))
    })
}
