/** The command `smacks`: its words, its options and its help. What a command does is loaded when it is asked for. */
import { Command, CommanderError } from 'commander'
import { version } from '../version.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { programHelp } from './help.js'
import { addBackup } from './syntax/backup.js'
import { addDoctor } from './syntax/doctor.js'
import { addInit } from './syntax/init.js'
import { addJournalCommands } from './syntax/journal.js'
import { addRecordCommands } from './syntax/record.js'
import { addReload } from './syntax/reload.js'
import { addReplay } from './syntax/replay.js'
import { addServe, type CommandHost } from './syntax/serve.js'
import { addSessionCommands } from './syntax/session.js'
import { addUserCommands } from './syntax/user.js'
import { say } from './terminal.js'

export type { CommandHost }

/** Runs one command line (without `node` and the script's name) and resolves to its exit code. Never rejects. */
export const runCommand = async (args: ReadonlyArray<string>, host: CommandHost): Promise<number> => {
  let code: number = exitCode.ok
  const { terminal } = host
  const program = createProgram(host, result => {
    code = result
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    // commander has said what is wrong, or written the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage
    if (error instanceof CommandFailure) {
      say(terminal.err, error.message)
      return error.code
    }
    say(terminal.err, `smacks failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return exitCode.failure
  }
}

const createProgram = (host: CommandHost, done: (code: number) => void): Command => {
  const program = new Command('smacks')
  program
    .description('An XMPP server whose sessions resume (XEP-0198).')
    .version(version, '-V, --version', 'write the version')
    .helpOption('-h, --help', 'write this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: text => void host.terminal.out.write(text),
      writeErr: text => void host.terminal.err.write(text),
    })
    .showHelpAfterError('(smacks --help tells what there is.)')
    .addHelpText('after', programHelp)
  addInit(program, host.terminal)
  addServe(program, host, done)
  addUserCommands(program, host.terminal)
  addSessionCommands(program, host.terminal)
  addRecordCommands(program, host.terminal)
  addReplay(program, host.terminal, done)
  addJournalCommands(program, host.terminal)
  addBackup(program, host.terminal)
  addReload(program, host.terminal)
  addDoctor(program, host.terminal, done)
  program
    .command('check-config')
    .description('say what a configuration file means, or what is wrong with it')
    .argument('<file>', 'the file, in TOML')
    .action(async (file: string) => {
      const { checkConfig } = await import('./check-config.js')
      await checkConfig(host.terminal, file)
    })
  return program
}
