/** The command `smacks`: its words, its options and its help. */
import { Command, CommanderError } from 'commander'
import { version } from '../version.js'
import { checkConfig } from './check-config.js'
import { configurationOf } from './configuration.js'
import { CommandFailure, exitCode } from './exit-code.js'
import { importUsers } from './import.js'
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
    .on('option:demo', () => {
      demoAccounts = true
    })
    .addHelpText('after', serveHelp)
    .action(async (options: { readonly config?: string; readonly demo?: boolean }) =>
      done(
        await serve(terminal, signals, loadParts, {
          config: options.config,
          demoAccounts,
          demo: options.demo === true,
        }),
      ),
    )
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

const configOption = ['-c, --config <file>', 'the configuration, in TOML (default: built in)'] as const

const programHelp = `
Examples:
  smacks serve --demo                      try it: two accounts, a demo, then a server
  smacks serve --config smacks.toml        run it
  smacks check-config smacks.toml          before that
  smacks user add romeo@localhost          asks for the password

Exit codes: 0 done, 1 failed, 2 wrong usage, 78 wrong configuration.`

const serveHelp = `
Without --config: for the domain localhost, on 127.0.0.1:5222, with its data in ./data.
The log goes to standard error: lines on a terminal, JSON elsewhere.

Signals:
  SIGTERM, SIGINT   stop cleanly; a second one ends the process at once (143, 130)
  SIGHUP            read certificate and key again; changed files are noticed anyway

Examples:
  smacks serve --config /etc/smacks/smacks.toml
  smacks serve --demo --no-demo            the demo's accounts without its show`

const userHelp = `
The accounts are those of the data folder that the configuration names: give the
server's --config here too. Passwords are kept as SCRAM keys and cannot be read back.

Examples:
  smacks user add romeo@localhost
  smacks user passwd romeo@localhost --password-stdin < secret.txt
  smacks user list localhost
  smacks user import accounts.txt`

const importHelp = `
A line is a JID, blanks, and a password that may have blanks; empty lines and lines
that start with # are passed over. Lines that cannot be used are reported with their
number, and all others are imported; the exit code is 1 then. An account that exists
gets the new password. 10,000 accounts take about half a minute on two cores.

Example:
  printf 'romeo@localhost montague\\njuliet@localhost capulet\\n' | smacks user import`
