/** `smacks replay --html` and `--open`: a recording as a page of its own. */
import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { writeReplayPage } from '@smacks/recording-files'
import { CommandFailure, exitCode } from '../exit-code.js'
import { say, type Terminal } from '../terminal.js'
import { nameOf, standardInput, unreadable } from './read.js'

export interface PageArguments {
  readonly html?: string
  readonly open?: boolean
}

/** Where the page is: beside an installed server, or where the repository builds it. */
const places = ['../../../page/replay.html', '../../../../console/dist/replay.html'].map(path =>
  fileURLToPath(new URL(path, import.meta.url)),
)

/** Writes the page, opens it if that is asked for, and says where it is. */
export const writePage = async (
  { out, err, input }: Terminal,
  files: ReadonlyArray<string>,
  { html, open = false }: PageArguments,
  page: () => Promise<string> = readPage,
): Promise<number> => {
  const [file] = files
  if (file === undefined || files.length > 1)
    throw new CommandFailure(
      'A page has one recording in it: name one file, or open the others in the page.',
      exitCode.usage,
    )
  if (html !== undefined && resolve(html) === resolve(file))
    throw new CommandFailure(`${html} is the recording itself.`, exitCode.usage)
  const name = file === standardInput ? 'standard input' : basename(file)
  const path = html ?? join(await mkdtemp(join(tmpdir(), 'smacks-replay-')), 'replay.html')
  const recording = (): Readable => (file === standardInput ? input : createReadStream(file))
  await writeReplayPage(await page(), name, recording, path).catch(cause => {
    throw isAbout(cause, path)
      ? new CommandFailure(`${path} cannot be written: ${cause.message}`)
      : unreadable(file, cause)
  })
  say(out, path)
  if (open && !(await isOpened(path))) {
    say(err, `Nothing here opens pages (${opener()[0]}): open ${path} of ${nameOf(file)} in a browser.`)
    return exitCode.failure
  }
  return exitCode.ok
}

const readPage = async (): Promise<string> => {
  for (const place of places) {
    const text = await readFile(place, 'utf8').catch(() => undefined)
    if (text !== undefined) return text
  }
  throw new CommandFailure('The replay page is not built. In the repository: npm run build:page')
}

const isAbout = (cause: unknown, path: string): cause is Error =>
  cause instanceof Error && 'path' in cause && cause.path === path

/** What opens a file with the program for its kind. */
const opener = (): readonly [string, ...ReadonlyArray<string>] => {
  if (process.platform === 'darwin') return ['open']
  return process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
}

const isOpened = (path: string): Promise<boolean> =>
  new Promise(done => {
    const [program, ...args] = opener()
    const child = spawn(program, [...args, path], { stdio: 'ignore', detached: true })
    child.once('error', () => done(false))
    // Some stay as long as the browser does.
    const patience = setTimeout(() => done(true), opensWithin)
    child.once('exit', code => {
      clearTimeout(patience)
      done(code === 0)
    })
    child.unref()
  })

/** Milliseconds after which an opener that has not failed is at work. */
const opensWithin = 3000
