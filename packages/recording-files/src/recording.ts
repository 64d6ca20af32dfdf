/**
 * Recordings of a running server: whose steps are recorded, and into which files. A recording never disturbs the
 * server, whatever happens to the disk.
 */
import { redactedStanzaXml, type Stanza, stanzaFacts, stanzaXml } from '@smacks/codec'
import type { Config, Instant } from '@smacks/core'
import { createRecorder, type OtherStepMade } from '@smacks/replay'
import type { Clock, StepMade } from '@smacks/runtime'
import * as Either from '#fp-ts/Either'
import type { RecordingFiles } from './files.js'
import { createRecordingWriter, type RecordingWriter } from './recording-writer.js'
import {
  createRestartingRecorder,
  type RecordingLog,
  type RestartingRecorderOptions,
  type WriterListener,
} from './restarting-recorder.js'
import { accountsOf, isEmpty, isSelected, noAccounts, type Selection, withoutThese, withThese } from './selection.js'
import { createSeries } from './series.js'

/** How much a recording tells of what each step came to: all of it, its hash, nothing. */
export type RecordedOutcome = 'full' | 'digest' | 'none'

/** What recordings hold, and how much of it is kept. */
export interface RecordingSettings {
  /** Text is replaced by text of the same size, whatever `start` says. */
  readonly redact: boolean
  /** A file of so many bytes is followed by another. */
  readonly maxFileBytes: number
  /** Files kept; one more deletes the oldest. */
  readonly maxFiles: number
  readonly outcome: RecordedOutcome
}

export interface RecordingOptions extends Pick<RestartingRecorderOptions, 'directory' | 'later'> {
  readonly settings: RecordingSettings
  /** Opens the directory when a recording begins. Throws an `Error` that names it and the reason. */
  readonly files: (directory: string) => RecordingFiles
  /** That of the loop. */
  readonly config: Config
  /** The versions of other reducers whose steps are recorded too, by name; none unless told. */
  readonly reducers?: Readonly<Record<string, number>>
  /** Name and version of the server. */
  readonly by: string
  readonly clock: Clock
  readonly log: RecordingLog & { readonly info: (facts: object, message: string) => void }
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
  /** True if steps of this account are recorded now. */
  readonly isRecorded: (account: string) => boolean
  /** Sees a step of another reducer, of an account that `isRecorded`. `made` is told whether text is to be replaced. */
  readonly observeOther: (made: (isRedacted: boolean) => OtherStepMade) => void
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
  let selection: Selection = noAccounts
  let redacted = settings.redact
  const recorder = createRestartingRecorder({
    ...options,
    createWriter: (start, on) => writerOf(options, redacted, start, on),
  })

  const isRecorded = (account: string): boolean => recorder.writer() !== undefined && isSelected(selection, account)

  const record = (write: (writer: RecordingWriter) => void): void => {
    const writer = recorder.writer()
    if (writer === undefined) return
    try {
      write(writer)
    } catch (cause) {
      // No step may be missing inside a recording.
      recorder.fail(writer, String(cause))
    }
  }

  const observe = (step: StepMade<Stanza>): void => {
    if (isRecorded(step.account)) record(writer => writer.observe(step))
  }

  const start: Recording['start'] = (accounts, redact) => {
    const wanted = settings.redact || redact
    if (!isEmpty(selection) && wanted !== redacted) return Either.left(bothRedactedAndNot(redacted))
    redacted = wanted
    const begun = isEmpty(selection) ? attempt(recorder.begin) : Either.right(undefined)
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
    const file = recorder.writer()?.file()
    const ended = recorder.end()
    // Who is recorded again later comes back in a state that does not follow from the last, so a new recording begins.
    const begun = isEmpty(selection) ? Either.right(undefined) : attempt(recorder.begin)
    if (Either.isLeft(begun)) selection = noAccounts
    await ended
    if (isEmpty(selection)) log.info({ directory, file }, 'recording is off')
    else log.info({ accounts: accountsOf(selection), directory, file }, 'recording goes on for these accounts only')
    return Either.isLeft(begun) ? begun : Either.right(status())
  }

  const status = (): RecordingStatus => {
    const file = recorder.writer()?.file()
    const trouble = recorder.trouble()
    return {
      accounts: accountsOf(selection),
      redacted,
      directory,
      ...(file === undefined ? {} : { file }),
      ...(trouble === undefined ? {} : { trouble }),
    }
  }

  const observeOther: Recording['observeOther'] = made => record(writer => writer.observeOther(made(redacted)))

  return { observe, isRecorded, observeOther, start, stop, status, close: recorder.end }
}

const writerOf = (
  options: RecordingOptions,
  redacted: boolean,
  start: Instant,
  on: WriterListener,
): RecordingWriter => {
  const { settings, directory, files, config, reducers, by, clock } = options
  return createRecordingWriter({
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
        ...(reducers === undefined ? {} : { reducers }),
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
