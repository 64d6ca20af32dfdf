/** One step: its event, its effects and the state that it left, beside each other. */
import { useState } from 'preact/hooks'
import type { StepShown } from '../replaying/protocol.js'

export const StepView = ({ step }: { readonly step: StepShown | undefined }) => {
  const [isJson, setJson] = useState(false)
  if (step === undefined) return <section class="step" aria-label="Step" />
  const { event, effects, state, json, difference } = step
  return (
    <section class="step" aria-labelledby="step-title">
      <header>
        <h2 id="step-title">Step #{step.seq}</h2>
        <span class="quiet">
          {step.at} {step.account}
        </span>
        <label class="toggle">
          <input type="checkbox" checked={isJson} onChange={() => setJson(!isJson)} /> as JSON
        </label>
      </header>
      <div class="columns">
        <Column title="Event">{isJson ? <Json value={json.event} /> : <p>{event}</p>}</Column>
        <Column title={`Effects (${effects.length})`}>
          {isJson ? (
            <Json value={json.effects} />
          ) : effects.length === 0 ? (
            <p class="quiet">none</p>
          ) : (
            <ol>
              {effects.map((effect, index) => (
                <li key={`${index} ${effect}`}>{effect}</li>
              ))}
            </ol>
          )}
        </Column>
        <Column title="State after it">{isJson ? <Json value={json.state ?? json.changed} /> : <p>{state}</p>}</Column>
      </div>
      {difference === undefined ? null : (
        <Column title="Not as recorded">
          <pre class="difference">{difference.join('\n')}</pre>
        </Column>
      )}
    </section>
  )
}

const Column = ({ title, children }: { readonly title: string; readonly children: preact.ComponentChildren }) => (
  <div class="column" role="group" aria-label={title} tabIndex={0}>
    <h3>{title}</h3>
    {children}
  </div>
)

const Json = ({ value }: { readonly value: unknown }) => <pre>{JSON.stringify(value, undefined, 2) ?? 'nothing'}</pre>
