/** Where a recording is chosen or dropped. */
import { useEffect, useRef, useState } from 'preact/hooks'

export const Opening = ({
  problem,
  onFile,
}: {
  readonly problem: string | undefined
  readonly onFile: (file: File) => void
}) => (
  <section class="opening" aria-labelledby="opening-title">
    <h2 id="opening-title">Open a recording</h2>
    <p>
      Drop an NDJSON file here, or choose one: what <code>smacks serve --record</code>, <code>smacks record</code> or{' '}
      <code>smacks journal export</code> wrote. It is replayed in this page; nothing leaves it.
    </p>
    <FileChooser label="Choose a recording" onFile={onFile} />
    {problem === undefined ? null : (
      <p class="problem" role="alert">
        {problem}
      </p>
    )}
  </section>
)

export const FileChooser = ({ label, onFile }: { readonly label: string; readonly onFile: (file: File) => void }) => {
  const input = useRef<HTMLInputElement>(null)
  return (
    <label class="chooser">
      <span>{label}</span>
      <input
        ref={input}
        type="file"
        accept=".ndjson,.jsonl,.json,application/x-ndjson"
        onChange={() => {
          const file = input.current?.files?.[0]
          if (file !== undefined) onFile(file)
        }}
      />
    </label>
  )
}

/** True while something is dragged over the page. */
export const useDrop = (onFile: (file: File) => void): boolean => {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      event.preventDefault()
      setOver(false)
      const file = event.dataTransfer?.files[0]
      if (file !== undefined) onFile(file)
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  }, [onFile])
  return isOver
}
