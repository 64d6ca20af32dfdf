/** The slider that goes through the steps, and the way to a time. */
import { useState } from 'preact/hooks'

export interface StepperProps {
  readonly steps: number
  readonly index: number
  /** What a screen reader says of the step. */
  readonly said: string
  readonly onStep: (index: number) => void
  /** Resolves to what is wrong with the moment, if something is. */
  readonly onSeek: (moment: string) => Promise<string | undefined>
}

export const Stepper = ({ steps, index, said, onStep, onSeek }: StepperProps) => {
  const [problem, setProblem] = useState<string>()
  const [moment, setMoment] = useState('')
  return (
    <div class="stepper">
      <button type="button" aria-label="First step" disabled={index === 0} onClick={() => onStep(0)}>
        |◀
      </button>
      <button type="button" aria-label="Step before" disabled={index === 0} onClick={() => onStep(index - 1)}>
        ◀
      </button>
      <input
        type="range"
        aria-label="Step"
        aria-valuetext={said}
        min={0}
        max={Math.max(0, steps - 1)}
        value={index}
        onInput={event => onStep(Number(event.currentTarget.value))}
      />
      <button type="button" aria-label="Next step" disabled={index >= steps - 1} onClick={() => onStep(index + 1)}>
        ▶
      </button>
      <button type="button" aria-label="Last step" disabled={index >= steps - 1} onClick={() => onStep(steps - 1)}>
        ▶|
      </button>
      <form
        onSubmit={event => {
          event.preventDefault()
          onSeek(moment).then(setProblem)
        }}
      >
        <label>
          go to{' '}
          <input
            type="text"
            size={14}
            placeholder="+1m30s, #42"
            title="a time as 2026-01-31T12:00:00Z, an offset as +1m30s, or an entry as #42"
            value={moment}
            onInput={event => setMoment(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Go</button>
      </form>
      {problem === undefined ? null : (
        <span class="problem" role="alert">
          {problem}
        </span>
      )}
    </div>
  )
}
