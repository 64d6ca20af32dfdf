/** Opens recordings, one at a time: that which is embedded first, if one is. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { embeddedRecording } from './embedded.js'
import { FileChooser, Opening, useDrop } from './parts/opening.js'
import { ReplayView } from './replay-view.js'
import type { Summary } from './replaying/protocol.js'
import { createReplayClient, type Progress, type ReplayClient } from './replaying/replay-client.js'

interface Opened {
  readonly name: string
  readonly client: ReplayClient
  readonly summary?: Summary
  readonly progress?: Progress
}

export const App = () => {
  const [opened, setOpened] = useState<Opened>()
  const [problem, setProblem] = useState<string>()
  const current = useRef<ReplayClient | undefined>(undefined)

  const open = useCallback((file: Blob, name: string) => {
    current.current?.close()
    setProblem(undefined)
    const client = createReplayClient(progress => {
      if (current.current === client) setOpened({ name, client, progress })
    })
    current.current = client
    setOpened({ name, client })
    client.ask('open', { file }).then(
      summary => {
        if (current.current === client) setOpened({ name, client, summary })
      },
      (error: Error) => {
        if (current.current !== client) return
        client.close()
        setOpened(undefined)
        setProblem(`${name}, ${error.message}`)
      },
    )
  }, [])
  const openFile = useCallback((file: File) => open(file, file.name), [open])
  const isOver = useDrop(openFile)
  useEffect(() => {
    embeddedRecording().then(
      found => {
        if (found !== undefined) open(found.file, found.name)
      },
      (error: Error) => setProblem(`The recording in this page cannot be read: ${error.message}`),
    )
  }, [open])

  return (
    <div class={isOver ? 'page over' : 'page'}>
      <header class="top">
        <h1>smacks replay</h1>
        {opened === undefined ? null : <span class="file">{opened.name}</span>}
        {opened === undefined ? null : <FileChooser label="Open another" onFile={openFile} />}
      </header>
      {opened === undefined ? (
        <main>
          <Opening problem={problem} onFile={openFile} />
        </main>
      ) : opened.summary === undefined ? (
        <Replaying progress={opened.progress} />
      ) : (
        <ReplayView key={opened.name} summary={opened.summary} client={opened.client} />
      )}
    </div>
  )
}

const Replaying = ({ progress }: { readonly progress: Progress | undefined }) => (
  <main class="replaying">
    <label>
      Replaying{progress === undefined ? '' : `: ${progress.steps} steps`}
      <progress max={progress?.total ?? 1} {...(progress === undefined ? {} : { value: progress.bytes })} />
    </label>
  </main>
)
