/** Where a password comes from: an argument, standard input, or a question without an echo. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CommandFailure, exitCode, signalExitCode } from './exit-code.js'
import type { Terminal } from './terminal.js'

export interface PasswordSource {
  /** Given on the command line. */
  readonly argument?: string | undefined
  /** The first line of standard input is the password. */
  readonly stdin: boolean
}

/** The password; fails as a usage error where there is nobody to ask. */
export const readPassword = async (terminal: Terminal, source: PasswordSource, jid: string): Promise<string> => {
  if (source.stdin && source.argument !== undefined) {
    throw new CommandFailure('Give the password as an argument or with --password-stdin, not both.', exitCode.usage)
  }
  if (source.argument !== undefined) return source.argument
  if (source.stdin) return firstLine(terminal)
  if (terminal.input.isTTY !== true) {
    throw new CommandFailure(
      'There is no terminal to ask for the password: pipe it in and say --password-stdin.',
      exitCode.usage,
    )
  }
  const password = await ask(terminal, `Password for ${jid}: `)
  if ((await ask(terminal, 'The same again: ')) !== password)
    throw new CommandFailure('The two differ; nothing is changed.')
  return password
}

/** No password is longer, so whatever is piped in is read no further. */
const maxBytes = 4_096

const firstLine = async ({ input }: Terminal): Promise<string> => {
  let text = ''
  for await (const chunk of input) {
    text += String(chunk)
    if (text.includes('\n') || text.length > maxBytes) break
  }
  const [line = ''] = text.split(/\r?\n/)
  return line
}

/** Asks with line editing, but shows nothing of what is typed. */
const ask = (terminal: Terminal, question: string): Promise<string> =>
  new Promise((resolve, reject) => {
    terminal.err.write(question)
    const dark = new Writable({ write: (_chunk, _encoding, done) => done() })
    const lines = createInterface({ input: terminal.input, output: dark, terminal: true, historySize: 0 })
    const end = (): void => {
      lines.removeAllListeners('close')
      lines.close()
      terminal.err.write('\n')
    }
    lines.once('line', line => {
      end()
      resolve(line)
    })
    lines.once('SIGINT', () => {
      end()
      reject(new CommandFailure('Interrupted; nothing is changed.', signalExitCode.SIGINT))
    })
    lines.once('close', () => {
      terminal.err.write('\n')
      reject(new CommandFailure('There was no password; nothing is changed.'))
    })
  })
