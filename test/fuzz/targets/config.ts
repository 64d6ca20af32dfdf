import { decodeServerConfig } from '@smacks/server'
import { isLeft } from 'fp-ts/lib/Either.js'
import { parse, TomlError } from 'smol-toml'
import { holds, kindOf, same, type Target, textOf } from '../target.js'

export const config: Target = {
  name: 'config',
  promise: 'a configuration is read as the same each time, or each fault is told in one short line that names its key',
  words: [
    '[s2s]\n',
    '[limits]\n',
    '[s2s.hosts]\n',
    '"x.example" = "127.0.0.1:5269"\n',
    'domains = ["xn--bcher-kva.example"]\n',
    'listen = "[::1]:5269"\n',
    'nan',
    'inf',
    '-1',
    '"10 minutes"',
    '"64 MiB"',
    'true',
    '[]',
    '{}',
    '[[c2s]]\n',
    'smacks_hibernation_time = ',
    '__proto__ = 1\n',
    'constructor = 1\n',
    '1979-05-27T07:32:00Z',
    "'''",
    '0x7f',
    '1e400',
    '\u{1f600}',
  ],
  run: input => {
    const value = tomlOf(textOf(input))
    if (value === undefined) return 'no TOML'
    const decoded = decodeServerConfig(value)
    same(decodeServerConfig(value), decoded, 'read as another')
    if (!isLeft(decoded)) return 'a configuration'
    holds(decoded.left.length > 0, 'refused without a reason')
    for (const problem of decoded.left) {
      holds(problem.length <= longestProblem + 4 * input.length, 'a long problem', problem)
      holds(/: /.test(problem), 'a problem without its key', problem)
    }
    return kindOf(decoded.left[0] ?? '')
  },
}

/** The key that is wrong may be as long as the file; what is allowed, and the value, are not. */
const longestProblem = 600

const tomlOf = (text: string): unknown => {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof TomlError || error instanceof RangeError) return undefined
    throw error
  }
}
