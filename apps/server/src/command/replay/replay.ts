/** `smacks replay`: what recordings tell, and whether their steps come to the same when they are made again. */
import { bareJid, parseJid } from '@smacks/codec'
import { foldLine, hangOf, isShown, type Moment, parseMoment, type TimelineOptions } from '@smacks/replay'
import { linkNamed } from '@smacks/stream-s2s'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { CommandFailure, exitCode } from '../exit-code.js'
import { type Screen, say, type Terminal } from '../terminal.js'
import { type PageArguments, writePage } from './page.js'
import { drawDiagram, listStanzas } from './pictures.js'
import { createProgress } from './progress.js'
import { checkOrder, nameOf, readEntries, sizeOf } from './read.js'
import { createRun } from './run.js'
import { tellStories } from './stories.js'
import { conclude, isPainted, type Print, paintFor, type Tell, tellJson, tellLines } from './tell.js'

/** The options as they were typed. */
export interface ReplayArguments extends PageArguments {
  readonly from?: string
  readonly until?: string
  readonly account?: string
  readonly session?: string
  readonly json?: boolean
  readonly explain?: string
  readonly stanzas?: boolean
  readonly diagram?: boolean
}

/** Replays the files and says what happened; resolves to the exit code. */
export const replayFiles = async (
  terminal: Terminal,
  files: ReadonlyArray<string>,
  words: ReplayArguments,
): Promise<number> => {
  const shown = shownBy(words)
  checkOrder(files)
  checkAlone(words)
  if (words.html !== undefined || words.open === true) return writePage(terminal, files, words)
  const { out, err, input } = terminal
  const json = words.json === true
  const manyFiles = files.length > 1
  const paint = paintFor(out)
  const progress = createProgress(err, await sizeOf(files))
  const width = out.isTTY === true ? out.columns : undefined
  const print: Print = (...lines) => {
    progress.clear()
    const all = width === undefined || json ? lines : lines.flatMap(line => folded(line, width))
    out.write(`${all.join('\n')}\n`)
  }
  const note: Print = (...lines) => {
    progress.clear()
    say(err, ...lines)
  }
  const onTruncated = (file: string): void => note(`${nameOf(file)}: the last line broke off; all before it is whole.`)
  const onEmpty = (file: string): void => note(`${nameOf(file)}: nothing was recorded.`)
  const entries = readEntries({ files, input, onBytes: progress.add, onTruncated, onEmpty })
  const run = createRun(note)
  try {
    if (words.explain !== undefined) await tellStories(entries, run, words.explain, print, json)
    else if (words.stanzas === true) await listStanzas(entries, run, print, json, width)
    else {
      const tell = tellOf(words, print, out, manyFiles)
      for await (const one of entries) {
        const step = run.take(one)
        if (step !== undefined && isShown(one.header, step, shown)) tell(one, step)
      }
    }
    // Whoever reads JSON gets nothing else.
    return conclude(run.result(), json ? note : print, json ? paintFor(err) : paint, out.columns)
  } finally {
    progress.clear()
  }
}

const tellOf = (words: ReplayArguments, print: Print, out: Screen, manyFiles: boolean): Tell => {
  if (words.diagram === true) return drawDiagram(print, out, isPainted(out))
  return words.json === true
    ? tellJson(print, manyFiles)
    : tellLines(print, paintFor(out), manyFiles, out.isTTY === true ? out.columns : undefined)
}

/** What is painted stands between escape sequences, so it is folded before. */
const folded = (line: string, width: number): ReadonlyArray<string> =>
  line.includes('\u001b') ? [line] : foldLine(line, width, hangOf(line))

const kinds = ['explain', 'stanzas', 'diagram', 'html'] as const

/** A recording is shown in one way at a time. */
const checkAlone = (words: ReplayArguments): void => {
  const [one, other] = kinds.filter(kind => words[kind] !== undefined && words[kind] !== false)
  if (one !== undefined && other !== undefined)
    throw new CommandFailure(`--${one} goes without --${other}.`, exitCode.usage)
  if (words.diagram === true && words.json === true)
    throw new CommandFailure('--diagram goes without --json.', exitCode.usage)
}

/** What is to be shown; fails as wrong usage. */
const shownBy = (words: ReplayArguments): TimelineOptions => {
  const { from, until, account, session } = words
  if (words.explain !== undefined && [from, until, account, session].some(one => one !== undefined))
    throw new CommandFailure(
      '--explain tells all there is of one stanza; it goes without the other filters.',
      exitCode.usage,
    )
  return {
    ...(from === undefined ? {} : { from: momentOf('--from', from) }),
    ...(until === undefined ? {} : { until: momentOf('--until', until) }),
    ...(account === undefined ? {} : { account: accountOf(account) }),
    ...(session === undefined ? {} : { session }),
  }
}

const momentOf = (option: string, text: string): Moment => {
  const moment = parseMoment(text)
  if (Either.isLeft(moment)) throw new CommandFailure(`${option}: ${moment.left}.`, exitCode.usage)
  return moment.right
}

const accountOf = (text: string): string => {
  const link = linkNamed(text)
  if (link !== undefined) return link
  const jid = parseJid(text)
  if (Option.isSome(jid) && jid.value.resource === '') return bareJid(jid.value)
  throw new CommandFailure(
    `--account: found ${JSON.stringify(text)}, allowed: a bare JID such as romeo@localhost; --session chooses a resource.`,
    exitCode.usage,
  )
}
