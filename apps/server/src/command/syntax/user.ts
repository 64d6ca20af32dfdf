/** Arguments and options of `smacks user`. */
import type { Command } from 'commander'
import { configurationOf } from '../configuration.js'
import { importHelp, userHelp } from '../help.js'
import type { Terminal } from '../terminal.js'
import { configOption } from './config-option.js'

const userCommands = () => import('../user.js')

interface PasswordOptions {
  readonly config?: string
  readonly passwordStdin?: boolean
}

export const addUserCommands = (program: Command, terminal: Terminal): void => {
  const user = program.command('user').description('add, change, remove and list accounts, also while the server runs')
  user.helpCommand(false).addHelpText('after', userHelp)
  const withPassword = (name: string, description: string, act: 'addUser' | 'changePassword'): void => {
    user
      .command(name)
      .description(description)
      .argument('<jid>', 'such as romeo@localhost')
      .argument('[password]', 'seen by all who can list processes; better leave it out and be asked')
      .option('--password-stdin', 'read the password from the first line of standard input')
      .option(...configOption)
      .action(async (jid: string, argument: string | undefined, options: PasswordOptions) => {
        const source = { argument, stdin: options.passwordStdin === true }
        await (await userCommands())[act](terminal, configurationOf(options.config), jid, source)
      })
  }
  withPassword('add', 'add an account', 'addUser')
  withPassword('passwd', 'give an account a new password', 'changePassword')
  user
    .command('remove')
    .description('remove an account, its contacts and its offline messages')
    .argument('<jid>')
    .option(...configOption)
    .action(async (jid: string, options: PasswordOptions) => {
      const { removeUser } = await userCommands()
      await removeUser(terminal, configurationOf(options.config), jid)
    })
  user
    .command('list')
    .description('write the accounts, one a line')
    .argument('[domain]', 'only those of this domain')
    .option(...configOption)
    .action(async (domain: string | undefined, options: PasswordOptions) => {
      const { listUsers } = await userCommands()
      await listUsers(terminal, configurationOf(options.config), domain)
    })
  user
    .command('import')
    .description('add or change many accounts, from lines: jid password')
    .argument('[file]', 'the file; absent or -: standard input')
    .option('--verbose', 'report each account, not only those that are refused')
    .option(...configOption)
    .addHelpText('after', importHelp)
    .action(async (file: string | undefined, options: { readonly config?: string; readonly verbose?: boolean }) => {
      const { importUsers } = await import('../import.js')
      await importUsers(terminal, configurationOf(options.config), { file, verbose: options.verbose === true })
    })
}
