/** The clients of the matrix: where they come from, how they are started, and what is known of each. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../support/places.js'

/** Program and arguments of a client whose home is a folder and who is told JID, password, port, and a file with the certificate to trust. */
export type Command = (home: string, login: ReadonlyArray<string>) => ReadonlyArray<string>

export interface RealClient {
  readonly name: string
  /** The Debian package that has it. */
  readonly debian?: string
  /** What is not there of what it needs. */
  readonly missing: () => string | undefined
  /** What it sends is typed by a user, who says nothing while the program shows that it is not connected. */
  readonly isTyped?: boolean
  /** Makes it ready to be started; what is compiled goes into the folder. */
  readonly prepare: (folder: string) => Command
}

const driver = (name: string): string => fileURLToPath(new URL(`drivers/${name}`, import.meta.url))

const python = '/usr/bin/python3'

const inPython = (name: string, module: string, file: string): RealClient => ({
  name,
  debian: `python3-${module}`,
  missing: () => (imports(module) ? undefined : `python3-${module} is not installed`),
  prepare: () => (_, login) => [python, driver(file), ...login],
})

const imports = (module: string): boolean => {
  try {
    execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const compiled = (
  name: string,
  debian: string,
  header: string,
  build: ReadonlyArray<string>,
  libraries: ReadonlyArray<string>,
): RealClient => ({
  name,
  debian,
  missing: () => {
    if (!existsSync(header)) return `${debian} is not installed`
    const [compiler = ''] = build
    return findProgram(compiler) === undefined ? `${compiler} is not installed` : undefined
  },
  prepare: folder => {
    const program = join(folder, name)
    const [compiler = '', ...args] = build
    execFileSync(compiler, [...args, '-o', program, ...libraries])
    return (_, login) => [program, ...login]
  },
})

/** A program for a terminal; `as` comes before it in the command. */
const inTerminal = (name: string, as: (home: string) => ReadonlyArray<string> = () => []): RealClient => ({
  name,
  debian: name,
  isTyped: true,
  missing: () => {
    if (findProgram(name) === undefined) return `${name} is not installed`
    return existsSync(python) ? undefined : 'python3 is not installed'
  },
  prepare: () => (home, login) => [...as(home), python, driver('terminal_driver.py'), name, ...login, home],
})

/** poezio refuses to run as root. */
const asNobody = (home: string): ReadonlyArray<string> => {
  if (process.getuid?.() !== 0) return []
  chmodSync(home, 0o777)
  return ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
}

const xmppJs = (name: string, library: string): RealClient => ({
  name,
  missing: () => undefined,
  prepare: () => (_, login) => [process.execPath, driver('xmpp_js.mjs'), library, ...login],
})

export const catalogue: ReadonlyArray<RealClient> = [
  inPython('slixmpp', 'slixmpp', 'slixmpp_driver.py'),
  inPython('aioxmpp', 'aioxmpp', 'aioxmpp_driver.py'),
  inPython('nbxmpp', 'nbxmpp', 'nbxmpp_driver.py'),
  compiled('libstrophe', 'libstrophe-dev', '/usr/include/strophe.h', ['gcc', driver('strophe.c')], ['-lstrophe']),
  compiled('gloox', 'libgloox-dev', '/usr/include/gloox/client.h', ['g++', driver('gloox.cpp')], ['-lgloox']),
  inTerminal('profanity'),
  inTerminal('poezio', asNobody),
  xmppJs('xmpp.js 0.13', '@xmpp/client-0.13'),
  xmppJs('xmpp.js 0.14', '@xmpp/client'),
]
