/** A recording that was opened: its diagram, its stanzas, the step that is looked at, the story that was asked for. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import { SequenceDiagram } from './diagram/sequence-diagram.js'
import { StanzaTable } from './parts/stanza-table.js'
import { StepView } from './parts/step-view.js'
import { Stepper } from './parts/stepper.js'
import { StoryView } from './parts/story-view.js'
import type { StanzaQuery, StepShown, StoryShown, Summary } from './replaying/protocol.js'
import type { ReplayClient } from './replaying/replay-client.js'

export interface ReplayViewProps {
  readonly summary: Summary
  readonly client: ReplayClient
}

const noQuery: StanzaQuery = { id: '', from: '', to: '', fate: '' }

export const ReplayView = ({ summary, client }: ReplayViewProps) => {
  const [index, setIndex] = useState(0)
  const [step, mark] = useStep(client, summary, index)
  const [asked, setAsked] = useState<string>()
  const stories = useStories(client, asked)
  const [tab, setTab] = useState<'diagram' | 'stanzas'>('diagram')
  const [query, setQuery, found] = useQuery(client, summary)
  const go = useCallback(
    (wanted: number) => setIndex(Math.max(0, Math.min(summary.steps - 1, wanted))),
    [summary.steps],
  )
  const loadMarks = useCallback((first: number, count: number) => client.ask('marks', { first, count }), [client])
  const loadStanzas = useMemo(
    () => (first: number, count: number) => client.ask('stanzas', { first, count }),
    [client, found],
  )
  const seek = (moment: string): Promise<string | undefined> =>
    client.ask('seek', { moment }).then(
      wanted => void go(wanted),
      (error: Error) => error.message,
    ) as Promise<string | undefined>
  const onKeyDown = (event: KeyboardEvent): void => {
    const wanted = stepKeys(event.key, index, summary.steps)
    if (wanted === undefined) return
    event.preventDefault()
    go(wanted)
  }
  if (summary.steps === 0) return <p class="banner">Nothing was recorded.</p>
  return (
    <>
      <Outcome summary={summary} onGo={go} />
      <Stepper steps={summary.steps} index={index} said={step?.event ?? ''} onStep={go} onSeek={seek} />
      <main class={asked === undefined ? 'view' : 'view with-story'}>
        <div class="overview">
          <div class="tabs" role="tablist" aria-label="What is shown">
            {(['diagram', 'stanzas'] as const).map(one => (
              <button
                key={one}
                type="button"
                role="tab"
                id={`tab-${one}`}
                aria-selected={tab === one}
                aria-controls="panel"
                onClick={() => setTab(one)}
              >
                {one === 'diagram' ? `Diagram (${summary.marks})` : `Stanzas (${summary.stanzas})`}
              </button>
            ))}
          </div>
          <div class="panel" id="panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
            {tab === 'diagram' ? (
              <SequenceDiagram
                marks={summary.marks}
                lifelines={summary.lifelines}
                load={loadMarks}
                selected={index}
                selectedMark={mark}
                onSelect={go}
                onStanza={setAsked}
                begun={summary.begunAt}
                onKeyDown={onKeyDown}
              />
            ) : (
              <StanzaTable
                found={found}
                query={query}
                onQuery={setQuery}
                load={loadStanzas}
                onStanza={line => {
                  setAsked(line.asked)
                  void seek(`#${line.first}`)
                }}
              />
            )}
          </div>
        </div>
        <StepView step={step} />
        {asked === undefined ? null : (
          <StoryView
            asked={asked}
            stories={stories}
            onSeq={seq => void seek(`#${seq}`)}
            onClose={() => setAsked(undefined)}
          />
        )}
      </main>
      <p class="hidden" aria-live="polite">
        {step === undefined ? '' : step.event}
      </p>
    </>
  )
}

const pageOfSteps = 20

const stepKeys = (key: string, index: number, steps: number): number | undefined => {
  switch (key) {
    case 'ArrowDown':
    case 'ArrowRight':
      return index + 1
    case 'ArrowUp':
    case 'ArrowLeft':
      return index - 1
    case 'PageDown':
      return index + pageOfSteps
    case 'PageUp':
      return index - pageOfSteps
    case 'Home':
      return 0
    case 'End':
      return steps - 1
    default:
      return undefined
  }
}

const useStep = (client: ReplayClient, { steps }: Summary, index: number): readonly [StepShown | undefined, number] => {
  const [shown, setShown] = useState<readonly [StepShown | undefined, number]>([undefined, 0])
  useEffect(() => {
    if (steps === 0) return
    let isWanted = true
    void Promise.all([client.ask('step', { index }), client.ask('markOf', { index })]).then(told => {
      if (isWanted) setShown(told)
    })
    return () => {
      isWanted = false
    }
  }, [client, steps, index])
  return shown
}

const useStories = (client: ReplayClient, asked: string | undefined) => {
  const [stories, setStories] = useState<ReadonlyArray<StoryShown> | string>()
  useEffect(() => {
    setStories(undefined)
    if (asked === undefined) return
    let isWanted = true
    const show = (told: ReadonlyArray<StoryShown> | string): void => {
      if (isWanted) setStories(told)
    }
    client.ask('story', { asked }).then(show, (error: Error) => show(error.message))
    return () => {
      isWanted = false
    }
  }, [client, asked])
  return stories
}

const useQuery = (
  client: ReplayClient,
  { stanzas }: Summary,
): readonly [StanzaQuery, (query: StanzaQuery) => void, number] => {
  const [query, setQuery] = useState(noQuery)
  const [found, setFound] = useState(stanzas)
  useEffect(() => {
    let isWanted = true
    void client.ask('find', query).then(count => {
      if (isWanted) setFound(count)
    })
    return () => {
      isWanted = false
    }
  }, [client, query])
  return [query, setQuery, found]
}

const Outcome = ({ summary, onGo }: { readonly summary: Summary; readonly onGo: (index: number) => void }) => {
  const { steps, accounts, compared, differing, firstDifference } = summary
  const all = `${counted(steps, 'step')} of ${counted(accounts, 'account')}`
  return (
    <div class={firstDifference === undefined ? 'banner good' : 'banner bad'} role="status">
      {firstDifference !== undefined ? (
        <>
          Diverges at step #{firstDifference.seq}; {differing} of {all} differ.{' '}
          <button type="button" onClick={() => onGo(firstDifference.index)}>
            Go to the first
          </button>
        </>
      ) : compared === 0 ? (
        `Replayed: ${all}; the recording does not say what they came to.`
      ) : (
        `Verified: ${all}${compared < steps ? `, ${compared} of them compared` : ''}.`
      )}
      {remarks(summary).map(remark => (
        <span key={remark} class="remark">
          {remark}
        </span>
      ))}
    </div>
  )
}

const remarks = ({ redacted, exported, otherReducer, truncated }: Summary): ReadonlyArray<string> => [
  ...(redacted ? ['Redacted: x stands in place of text.'] : []),
  ...(exported ? ['Made from a journal: it has only what its sessions still need.'] : []),
  ...(otherReducer ? ['Recorded with another version of the rules, which may have decided otherwise.'] : []),
  ...(truncated ? ['The last line broke off; all before it is whole.'] : []),
]

const counted = (count: number, singular: string): string => `${count} ${singular}${count === 1 ? '' : 's'}`
