/** The command `smacks`: its words, its options and its help. */
import type { Repair } from '@smacks/journal-lmdb'
import { Command, CommanderError } from 'commander'
import { version } from '../version.js'
import { checkConfig } from './check-config.js'
import { configurationOf } from './configuration.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { importHelp, journalHelp, programHelp, recordHelp, replayHelp, serveHelp, userHelp } from './help.js'
import { importUsers } from './import.js'
import { recordStart, recordStatus, recordStop } from './record.js'
import type { ReplayWords } from './replay/replay.js'
import { replayFiles } from './replay/replay.js'
import { type ServeParts, type Signals, serve } from './serve.js'
import { say, type Terminal } from './terminal.js'
import { addUser, changePassword, listUsers, removeUser } from './user.js'

export interface CommandHost {
  readonly terminal: Terminal
  readonly signals: Signals
  readonly loadParts: () => Promise<ServeParts>
}

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
  addServe(program, host, done)
  addUserCommands(program, host.terminal)
  addRecordCommands(program, host.terminal)
  addReplay(program, host.terminal, done)
  addJournalCommands(program, host.terminal)
  program
    .command('check-config')
    .description('say what a configuration file means, or what is wrong with it')
    .argument('<file>', 'the file, in TOML')
    .action((file: string) => checkConfig(host.terminal, file))
  return program
}

const addServe = (
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
    .option('--record <dir>', 'record all accounts into files of this folder')
    .option('--redact', 'with --record: x in place of text')
    .on('option:demo', () => {
      demoAccounts = true
    })
    .addHelpText('after', serveHelp)
    .action(async (options: ServeWords) =>
      done(
        await serve(terminal, signals, loadParts, {
          config: options.config,
          record: options.record,
          redact: options.redact === true,
          demoAccounts,
          demo: options.demo === true,
        }),
      ),
    )
}

interface ServeWords {
  readonly config?: string
  readonly demo?: boolean
  readonly record?: string
  readonly redact?: boolean
}

interface PasswordOptions {
  readonly config?: string
  readonly passwordStdin?: boolean
}

const addUserCommands = (program: Command, terminal: Terminal): void => {
  const user = program.command('user').description('add, change, remove and list accounts, also while the server runs')
  user.helpCommand(false).addHelpText('after', userHelp)
  const withPassword = (name: string, description: string, act: typeof addUser): void => {
    user
      .command(name)
      .description(description)
      .argument('<jid>', 'such as romeo@localhost')
      .argument('[password]', 'seen by all who can list processes; better leave it out and be asked')
      .option('--password-stdin', 'read the password from the first line of standard input')
      .option(...configOption)
      .action((jid: string, argument: string | undefined, options: PasswordOptions) =>
        act(terminal, configurationOf(options.config), jid, { argument, stdin: options.passwordStdin === true }),
      )
  }
  withPassword('add', 'add an account', addUser)
  withPassword('passwd', 'give an account a new password', changePassword)
  user
    .command('remove')
    .description('remove an account, its contacts and its offline messages')
    .argument('<jid>')
    .option(...configOption)
    .action((jid: string, options: PasswordOptions) => removeUser(terminal, configurationOf(options.config), jid))
  user
    .command('list')
    .description('write the accounts, one a line')
    .argument('[domain]', 'only those of this domain')
    .option(...configOption)
    .action((domain: string | undefined, options: PasswordOptions) =>
      listUsers(terminal, configurationOf(options.config), domain),
    )
  user
    .command('import')
    .description('add or change many accounts, from lines: jid password')
    .argument('[file]', 'the file; absent or -: standard input')
    .option('--verbose', 'report each account, not only those that are refused')
    .option(...configOption)
    .addHelpText('after', importHelp)
    .action((file: string | undefined, options: { readonly config?: string; readonly verbose?: boolean }) =>
      importUsers(terminal, configurationOf(options.config), { file, verbose: options.verbose === true }),
    )
}

const addRecordCommands = (program: Command, terminal: Terminal): void => {
  const record = program.command('record').description('record what happens to accounts of a running server')
  record.helpCommand(false).addHelpText('after', recordHelp)
  record
    .command('start')
    .description('record accounts from now on')
    .argument('[jid...]', 'the accounts; none: all')
    .option('--redact', 'x in place of text; sizes, addresses and ids stay')
    .option(...configOption)
    .action((jids: ReadonlyArray<string>, options: { readonly config?: string; readonly redact?: boolean }) =>
      recordStart(terminal, configurationOf(options.config), jids, options.redact === true),
    )
  record
    .command('stop')
    .description('record accounts no more')
    .argument('[jid...]', 'the accounts; none: all')
    .option(...configOption)
    .action((jids: ReadonlyArray<string>, options: { readonly config?: string }) =>
      recordStop(terminal, configurationOf(options.config), jids),
    )
  record
    .command('status')
    .description('say what is recorded, and into which file')
    .option(...configOption)
    .action((options: { readonly config?: string }) => recordStatus(terminal, configurationOf(options.config)))
}

/** Loaded when it is asked for: other commands start sooner without. */
const journalCommands = () => import('./journal.js')

const addJournalCommands = (program: Command, terminal: Terminal): void => {
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
    .action(async (jid: string, options: RepairWords) => {
      const how = repairOf(options)
      const { journalRepair } = await journalCommands()
      await journalRepair(terminal, configurationOf(options.config), jid, how)
    })
}

interface RepairWords {
  readonly config?: string
  readonly forget?: boolean
  readonly keepReadable?: boolean
}

const repairOf = ({ forget = false, keepReadable = false }: RepairWords): Repair => {
  if (forget === keepReadable)
    throw new CommandFailure('Say what is to be done: --forget or --keep-readable.', exitCode.usage)
  return forget ? 'forget' : 'keep-readable'
}

const addReplay = (program: Command, terminal: Terminal, done: (code: number) => void): void => {
  program
    .command('replay')
    .description('make the steps of a recording again: what happened, and whether it comes to the same')
    .argument('<file...>', 'the recording; its files in order; -: standard input')
    .option('--from <time>', 'show steps from then on')
    .option('--until <time>', 'show steps up to then')
    .option('--account <jid>', 'show the steps of this account')
    .option('--session <resource>', 'show the steps of this resource')
    .option('--json', 'one JSON object a step')
    .option('--explain <stanza>', 'tell the story of one stanza instead: its id, or # and the number of an entry')
    .addHelpText('after', replayHelp)
    .action(async (files: ReadonlyArray<string>, options: ReplayWords) =>
      done(await replayFiles(terminal, files, options)),
    )
}

const configOption = ['-c, --config <file>', 'the configuration, in TOML (default: built in)'] as const
