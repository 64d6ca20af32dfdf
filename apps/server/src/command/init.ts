/** `smacks init`: a configuration to begin with, every option in it with its default and a word about it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { CommandFailure } from './exit-code.js'
import { say, type Terminal } from './terminal.js'

/** The file that the README shows, too. */
const example = new URL('../../smacks.example.toml', import.meta.url)

const defaultDomains = 'domains = ["localhost"]'

/** Writes the file; never over one that is there. `-`: to standard output. */
export const init = (terminal: Terminal, file: string, domains: ReadonlyArray<string>): void => {
  const text = withDomains(readFileSync(example, 'utf8'), domains)
  if (file === '-') return void terminal.out.write(text)
  try {
    writeFileSync(file, text, { flag: 'wx' })
  } catch (cause) {
    throw new CommandFailure(`${file} is not written: ${reasonOf(cause)}`)
  }
  say(
    terminal.out,
    `${file} is written, with all defaults. To go on:`,
    `  smacks check-config ${file}`,
    `  smacks user add you@${domains[0] ?? 'localhost'} --config ${file}`,
    `  smacks serve --config ${file}`,
  )
}

const withDomains = (text: string, domains: ReadonlyArray<string>): string =>
  domains.length === 0
    ? text
    : text.replace(defaultDomains, `domains = [${domains.map(domain => JSON.stringify(domain)).join(', ')}]`)

const reasonOf = (cause: unknown): string => {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EEXIST') return 'it is there already, and stays as it is. Name another file, or - for standard output.'
  return cause instanceof Error ? cause.message : String(cause)
}
