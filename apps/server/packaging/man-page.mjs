#!/usr/bin/env node
// Writes the man page smacks(1) to standard output, made of what the commands say of themselves. Needs a build.
import { runCommand } from '../dist/command/program.js'
import { version } from '../dist/version.js'

const unused = () => {
  throw new Error('help asks for nothing')
}

const helpOf = async (...words) => {
  let text = ''
  const out = { write: part => (text += part) }
  const host = { terminal: { out, err: out, input: process.stdin }, signals: {}, loadParts: unused }
  const code = await runCommand([...words, '--help'], host)
  if (code !== 0) throw new Error(`${words.join(' ')} --help ended with ${code}: ${text}`)
  return text
}

/** The commands that a help lists, without the help itself. */
const commandsIn = help => {
  const [, list = ''] = /\nCommands:\n([\s\S]*?)(?:\n\n|\n*$)/.exec(help) ?? []
  return [...list.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name)
}

const commands = async (...words) => {
  const found = []
  for (const name of commandsIn(await helpOf(...words))) {
    const path = [...words, name]
    found.push(path, ...(await commands(...path)))
  }
  return found
}

/** As roff shows it, letter by letter. */
const plain = text =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .trim()

const [headline, ...rest] = (await helpOf()).split('\n\n')
const page = [
  `.TH SMACKS 1 "" "smacks ${version}" "User Commands"`,
  '.SH NAME',
  'smacks \\- XMPP server whose sessions resume',
  '.SH SYNOPSIS',
  plain(headline.replace(/^Usage: /, '')),
  '.SH DESCRIPTION',
  '.nf',
  plain(rest.join('\n\n')),
  '.fi',
  '.SH COMMANDS',
]
for (const path of await commands()) page.push(`.SS "${path.join(' ')}"`, '.nf', plain(await helpOf(...path)), '.fi')
page.push(
  '.SH FILES',
  '.TP\n/etc/smacks/smacks.toml\nThe configuration of the service; smacks init writes one with all options.',
  '.TP\n/var/lib/smacks\nIts data: accounts, rosters, offline messages, the journal of sessions.',
)
process.stdout.write(`${page.join('\n')}\n`)
