/** The stories of the stanzas with one id. */
import type { StoryShown } from '../replaying/protocol.js'

export interface StoryViewProps {
  readonly asked: string
  readonly stories: ReadonlyArray<StoryShown> | string | undefined
  readonly onSeq: (seq: number) => void
  readonly onClose: () => void
}

export const StoryView = ({ asked, stories, onSeq, onClose }: StoryViewProps) => (
  <section class="story" aria-labelledby="story-title">
    <header>
      <h2 id="story-title">Story of {asked}</h2>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </header>
    {stories === undefined ? <p class="quiet">replaying</p> : null}
    {typeof stories === 'string' ? <p class="problem">{stories}</p> : null}
    {typeof stories === 'object'
      ? stories.map(one => <OneStory key={JSON.stringify(one.story.stanza)} {...one} onSeq={onSeq} />)
      : null}
  </section>
)

const OneStory = ({ story, times, onSeq }: StoryShown & Pick<StoryViewProps, 'onSeq'>) => {
  const { name, id, type, from, to } = story.stanza
  return (
    <article>
      <h3>
        {[name, id, type === '' ? undefined : `(${type})`, from && `from ${from}`, to && `to ${to}`]
          .filter(Boolean)
          .join(' ')}
      </h3>
      <ol>
        {story.passages.map((passage, index) => (
          <li key={`${index} ${passage.text}`}>
            <button type="button" class="link" onClick={() => onSeq(passage.seq)}>
              #{passage.seq}
            </button>{' '}
            <span class="quiet">{times[index]}</span>
            <p>{passage.text}</p>
            {passage.rule === undefined ? null : <p class="rule">{passage.rule}</p>}
          </li>
        ))}
      </ol>
      <p class="verdict">{story.verdict}</p>
    </article>
  )
}
