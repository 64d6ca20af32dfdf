/** The recorder on its files: what goes into which of them. */
import type { Stanza } from '@smacks/codec'
import type { OtherStepMade, Recorder } from '@smacks/replay'
import type { StepMade } from '@smacks/runtime'
import type { Series } from './series.js'

export interface RecordingWriter {
  readonly observe: (step: StepMade<Stanza>) => void
  readonly observeOther: (step: OtherStepMade) => void
  /** The name of the file that is being written. */
  readonly file: () => string
  /** Resolves when all is on disk, or the writer has failed. */
  readonly end: () => Promise<void>
}

export interface RecordingWriterOptions {
  /** Given where its lines go. */
  readonly recorder: (write: (line: string) => void) => Recorder<Stanza>
  readonly series: Series
  /** A file of so many bytes is followed by another, which begins with the states of all accounts anew. */
  readonly maxFileBytes: number
}

export const createRecordingWriter = ({
  recorder: create,
  series,
  maxFileBytes,
}: RecordingWriterOptions): RecordingWriter => {
  let fileBytes = 0
  let stepBytes = 0
  let lineBytes = 0

  const recorder = create(line => {
    lineBytes = series.write(line)
    fileBytes += lineBytes
  })

  /**
   * Where the states of many accounts, or of long queues, take more than the file may have, each file would begin and
   * end with them; so a file is full only when the steps take half of it.
   */
  const isFull = (): boolean => fileBytes >= maxFileBytes && stepBytes * 2 >= fileBytes

  const record = (write: () => void): void => {
    if (isFull()) {
      series.cut()
      recorder.restart()
      fileBytes = 0
      stepBytes = 0
    }
    write()
    // The step is the last of its lines.
    stepBytes += lineBytes
  }

  return {
    observe: step => record(() => recorder.observe(step)),
    observeOther: step => record(() => recorder.observeOther(step)),
    file: series.file,
    end: series.end,
  }
}
