/** From the configuration file to the configuration, or to a readable list of what is wrong with it. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { parse, TomlError } from 'smol-toml'
import { decodeServerConfig } from './decode-server-config.js'
import type { ServerConfig } from './server-config.js'

/** What is wrong with a configuration file: it cannot be read, it is no TOML, or values of it are not allowed. */
export interface ConfigError {
  readonly file: string
  /** Whole sentences, one for each thing that is wrong. */
  readonly problems: ReadonlyArray<string>
}

/**
 * Loads a configuration file (TOML); without one, the defaults. Relative paths in it are relative to its folder,
 * without one to the working directory; those of the result are absolute.
 */
export const loadConfig = (file?: string): Either.Either<ConfigError, ServerConfig> =>
  pipe(
    file === undefined ? Either.right({}) : readToml(file),
    Either.chain(decodeServerConfig),
    Either.bimap(
      problems => ({ file: file ?? 'the defaults', problems }),
      config => absolutePaths(config, file === undefined ? '.' : dirname(file)),
    ),
  )

/** The error as text for a terminal: the file, then one line for each problem. */
export const describeConfigError = ({ file, problems }: ConfigError): string =>
  [`${file} cannot be used:`, ...problems.map(problem => `  - ${problem.replaceAll('\n', '\n    ')}`)].join('\n')

type Problems = ReadonlyArray<string>

const readToml = (file: string): Either.Either<Problems, unknown> =>
  pipe(
    Either.tryCatch(
      () => readFileSync(file),
      cause => [unreadable(cause)],
    ),
    Either.chain(bytes =>
      Either.tryCatch(
        () => parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
        cause => [notToml(cause)],
      ),
    ),
  )

const unreadable = (cause: unknown): string => {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'There is no such file.'
  if (code === 'EACCES') return 'It may not be read by this user.'
  if (code === 'EISDIR') return 'It is a folder; a file is needed.'
  return `It cannot be read: ${String(cause)}.`
}

const notToml = (cause: unknown): string => {
  if (!(cause instanceof TomlError)) return 'It is no UTF-8 text.'
  // The library's message is a headline, an empty line and the code around the place.
  const [headline = ''] = cause.message.split('\n')
  const what = headline.replace(/^Invalid TOML document: /, '')
  return `Line ${cause.line}, column ${cause.column} is no TOML: ${what}.\n${cause.codeblock.trimEnd()}`
}

const absolutePaths = (config: ServerConfig, folder: string): ServerConfig => {
  const { certificate, key } = config.tls
  const { directory } = config.record
  const { ca } = config.s2s
  return {
    ...config,
    data: resolve(folder, config.data),
    tls: {
      ...(certificate === undefined ? {} : { certificate: resolve(folder, certificate) }),
      ...(key === undefined ? {} : { key: resolve(folder, key) }),
    },
    s2s: { ...config.s2s, ...(ca === undefined ? {} : { ca: resolve(folder, ca) }) },
    record: { ...config.record, ...(directory === undefined ? {} : { directory: resolve(folder, directory) }) },
  }
}
