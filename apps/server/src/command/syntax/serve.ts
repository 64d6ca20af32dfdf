/** Arguments and options of `smacks serve`. */
import { type Command, InvalidArgumentError } from 'commander'
import { serveHelp } from '../help.js'
import type { ServeParts } from '../serving/served.js'
import type { Signals } from '../serving/signals.js'
import type { Terminal } from '../terminal.js'
import { configOption } from './config-option.js'

/** Where a command runs. */
export interface CommandHost {
  readonly terminal: Terminal
  readonly signals: Signals
  readonly loadParts: () => Promise<ServeParts>
}

export const addServe = (
  program: Command,
  { terminal, signals, loadParts }: CommandHost,
  done: (code: number) => void,
): void => {
  const command = program.command('serve')
  let demoAccounts = false
  command
    .description('run the server, until SIGTERM or SIGINT')
    .option(...configOption)
    .option('--demo', 'add two demo accounts, say how to connect, and show the main job')
    .option('--no-demo', 'after --demo: only add the accounts and say how to connect')
    .option('--port <port>', 'listen for clients on this port (0: any that is free)', portOf)
    .option('--record <dir>', 'record all accounts into files of this folder')
    .option('--redact', 'with --record: x in place of text')
    .on('option:demo', () => {
      demoAccounts = true
    })
    .addHelpText('after', serveHelp)
    .action(async (options: ServeArguments) => {
      const { serve } = await import('../serve.js')
      done(
        await serve(terminal, signals, loadParts, {
          config: options.config,
          port: options.port,
          record: options.record,
          redact: options.redact === true,
          demoAccounts,
          demo: options.demo === true,
        }),
      )
    })
}

interface ServeArguments {
  readonly config?: string
  readonly demo?: boolean
  readonly port?: number
  readonly record?: string
  readonly redact?: boolean
}

const portOf = (text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new InvalidArgumentError(`found ${JSON.stringify(text.slice(0, 20))}, allowed: 0 to 65535.`)
}
