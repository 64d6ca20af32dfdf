/**
 * Which process serves a data folder, for the time when its control socket is not there: somebody may have removed it. Linux
 * only, since a process id alone says little: the next process may have it.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as t from '#io-ts'

const ownerCodec = t.type({ pid: t.number, started: t.string, boot: t.string })

type Owner = t.TypeOf<typeof ownerCodec>

const fileIn = (data: string): string => join(data, 'server.pid')

/** Writes down that this process serves the folder. Where nobody can tell processes apart, nothing is written. */
export const writeOwner = (data: string): void => {
  const own = identityOf(process.pid)
  if (own !== undefined) writeFileSync(fileIn(data), `${JSON.stringify(own)}\n`, { mode: 0o600 })
}

/** It serves it no more. */
export const removeOwner = (data: string): void => {
  if (readOwner(data)?.pid === process.pid) rmSync(fileIn(data), { force: true })
}

/** The id of another process that serves the folder, if one is known and lives. */
export const livingOwner = (data: string): number | undefined => {
  const written = readOwner(data)
  if (written === undefined || written.pid === process.pid) return undefined
  const now = identityOf(written.pid)
  return now !== undefined && now.started === written.started && now.boot === written.boot ? written.pid : undefined
}

const readOwner = (data: string): Owner | undefined => {
  try {
    const read: unknown = JSON.parse(readFileSync(fileIn(data), 'utf8'))
    return ownerCodec.is(read) ? read : undefined
  } catch {
    return undefined
  }
}

/** What no other process has, since this boot or before; nothing of one that is dead, or cannot be looked at. */
const identityOf = (pid: number): Owner | undefined => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // The name of the program stands in parentheses, and may hold anything; the state follows, and the start is field 22.
    const [, fields = ''] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    const values = fields.trim().split(' ')
    const [state] = values
    const started = values[19]
    return started === undefined || state === 'Z' || state === 'X' ? undefined : { pid, started, boot }
  } catch {
    return undefined
  }
}
