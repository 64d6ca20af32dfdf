/**
 * Recordings of a running server: whose steps are recorded, and into which files. A recording never disturbs the
 * server, whatever happens to the disk.
 */
import { redactedStanzaXml, type Stanza, stanzaFacts, stanzaXml } from '@smacks/codec'
import type { Config, Instant } from '@smacks/core'
import { createRecorder } from '@smacks/replay'
import type { Clock, StepMade } from '@smacks/runtime'
import * as Either from 'fp-ts/lib/Either.js'
import type { RecordSettings } from '../config/server-config.js'
import type { RecordingFiles } from './files.js'
import { createTape, type Tape } from './recording-writer.js'
import { createDeck, type DeckLog, type DeckOptions, type TapeListener } from './restarting-writer.js'
import { accountsOf, isNobody, isSelected, nobody, type Selection, withoutThese, withThese } from './selection.js'
import { createSeries } from './series.js'

export interface RecordingOptions extends Pick<DeckOptions, 'directory' | 'later'> {
  readonly settings: Omit<RecordSettings, 'directory'>
  /** Opens the directory when a recording begins. Throws an `Error` that names it and the reason. */
  readonly files: (directory: string) => RecordingFiles
  /** That of the loop. */
  readonly config: Config
  /** Name and version of the server. */
  readonly by: string
  readonly clock: Clock
  readonly log: DeckLog & { readonly info: (facts: object, message: string) => void }
  /** Bytes that may wait for the disk; 64 MiB if absent. */
  readonly maxWaitingBytes?: number
}

/** What is recorded at the moment. */
export interface RecordingStatus {
  /** Bare JIDs; `['*']`: all; empty: nothing is recorded. */
  readonly accounts: ReadonlyArray<string>
  readonly redacted: boolean
  readonly directory: string
  /** The name of the file that is being written. */
  readonly file?: string
  /** Why nothing can be written at the moment. */
  readonly trouble?: string
}

export interface Recording {
  /** Sees each step of the loop. */
  readonly observe: (step: StepMade<Stanza>) => void
  /** Records these accounts too, or all. `Left` says why not. */
  readonly start: (accounts: Selection, redact: boolean) => Either.Either<string, RecordingStatus>
  /** Records these accounts no more; resolves when all that was recorded is on disk. `Left` says why not. */
  readonly stop: (accounts: Selection) => Promise<Either.Either<string, RecordingStatus>>
  readonly status: () => RecordingStatus
  /** Ends it; resolves when all that was recorded is on disk. */
  readonly close: () => Promise<void>
}

/** Records nothing until it is started. */
export const createRecording = (options: RecordingOptions): Recording => {
  const { settings, directory, log } = options
  let selection: Selection = nobody
  let redacted = settings.redact
  const deck = createDeck({ ...options, createTape: (start, on) => tapeOf(options, redacted, start, on) })

  const observe = (step: StepMade<Stanza>): void => {
    const tape = deck.tape()
    if (tape === undefined || !isSelected(selection, step.account)) return
    try {
      tape.observe(step)
    } catch (cause) {
      // No step may be missing inside a recording.
      deck.fail(tape, String(cause))
    }
  }

  const start: Recording['start'] = (accounts, redact) => {
    const wanted = settings.redact || redact
    if (!isNobody(selection) && wanted !== redacted) return Either.left(bothRedactedAndNot(redacted))
    redacted = wanted
    const begun = isNobody(selection) ? attempt(deck.begin) : Either.right(undefined)
    if (Either.isLeft(begun)) return begun
    selection = withThese(selection, accounts)
    const facts = { accounts: accountsOf(selection), directory, redacted, outcome: settings.outcome }
    if (redacted) log.info(facts, 'recording is on; the files hold addresses, ids and sizes, and x in place of text')
    else log.warn(facts, 'recording is on; the files hold all that these accounts send and receive, in the clear')
    return Either.right(status())
  }

  const stop: Recording['stop'] = async accounts => {
    const left = withoutThese(selection, accounts)
    if (Either.isLeft(left)) return left
    selection = left.right
    const file = deck.tape()?.file()
    const ended = deck.end()
    // Who is recorded again later comes back in a state that does not follow from the last, so a new recording begins.
    const begun = isNobody(selection) ? Either.right(undefined) : attempt(deck.begin)
    if (Either.isLeft(begun)) selection = nobody
    await ended
    if (isNobody(selection)) log.info({ directory, file }, 'recording is off')
    else log.info({ accounts: accountsOf(selection), directory, file }, 'recording goes on for these accounts only')
    return Either.isLeft(begun) ? begun : Either.right(status())
  }

  const status = (): RecordingStatus => {
    const file = deck.tape()?.file()
    const trouble = deck.trouble()
    return {
      accounts: accountsOf(selection),
      redacted,
      directory,
      ...(file === undefined ? {} : { file }),
      ...(trouble === undefined ? {} : { trouble }),
    }
  }

  return { observe, start, stop, status, close: deck.end }
}

const tapeOf = (options: RecordingOptions, redacted: boolean, start: Instant, on: TapeListener): Tape => {
  const { settings, directory, files, config, by, clock } = options
  return createTape({
    maxFileBytes: settings.maxFileBytes,
    series: createSeries({
      ...on,
      files: files(directory),
      start,
      maxFiles: settings.maxFiles,
      maxWaitingBytes: options.maxWaitingBytes ?? 64 * 1024 * 1024,
    }),
    recorder: write =>
      createRecorder<Stanza>({
        payload: redacted ? redactedStanzaXml : stanzaXml,
        facts: stanza => stanzaFacts(stanza.element),
        outcome: settings.outcome,
        now: clock.now,
        config,
        by,
        redacted,
        write,
      }),
  })
}

const bothRedactedAndNot = (redacted: boolean): string =>
  `recording is on ${redacted ? 'with' : 'without'} redaction, and a recording has it throughout or not at all; stop it first`

const attempt = (act: () => void): Either.Either<string, void> =>
  Either.tryCatch(act, cause => (cause instanceof Error ? cause.message : String(cause)))
