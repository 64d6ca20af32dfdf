import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config/server-config.js'

export interface LogOptions {
  readonly level: LogLevel
  /** Where it goes; a terminal says so by `isTTY`. */
  readonly out: LogSink
}

/** A stream that lines are written to. */
export interface LogSink {
  readonly write: (text: string) => unknown
  readonly isTTY?: boolean
}

/** Opens the log. */
export const createLog = ({ level, out }: LogOptions): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
      redact: { paths: secrets.flatMap(name => [name, `*.${name}`]), censor: '[hidden]' },
    },
    out.isTTY === true ? readable(out) : { write: line => void out.write(line) },
  )

const secrets = ['password', 'stanza', 'xml', 'body']

/** Turns pino's JSON into lines such as `12:30:45 info   listening  address=127.0.0.1:5222`. */
const readable = (out: LogSink): DestinationStream => ({
  write: line => void out.write(`${readableLine(line)}\n`),
})

/** One line of JSON as a line to read; text that is no JSON stays as it is. */
export const readableLine = (json: string): string => {
  const entry = parse(json)
  if (entry === undefined) return json.trimEnd()
  const { level, time, msg, err, ...fields } = entry
  const clock = new Date(String(time))
  const told = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`)
  const head = [clock.toTimeString().slice(0, 8), String(level).padEnd(5), visible(String(msg ?? '')), told.join(' ')]
  return `${head.join('  ').trimEnd()}${causeOf(err)}`
}

type Entry = Readonly<Record<string, unknown>>

const parse = (json: string): Entry | undefined => {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? (value as Entry) : undefined
  } catch {
    return undefined
  }
}

const shown = (value: unknown): string => {
  if (typeof value !== 'string') return visible(JSON.stringify(value))
  return /^[^\s"=]+$/.test(value) ? visible(value) : visible(JSON.stringify(value))
}

/** An error's stack, indented. */
const causeOf = (error: unknown): string => {
  if (typeof error !== 'object' || error === null) return ''
  const stack = 'stack' in error ? error.stack : JSON.stringify(error)
  return `\n${String(stack)
    .split('\n')
    .map(line => `    ${visible(line)}`)
    .join('\n')}`
}

/** What a peer sent may hold control characters, which would command the terminal. */
const visible = (text: string): string =>
  text.replace(/\p{Cc}/gu, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
