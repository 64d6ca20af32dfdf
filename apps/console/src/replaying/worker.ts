/** Replays a recording beside the page, so that this stays at hand. */
import { type Answers, open } from './answering.js'
import type { Question, Reply } from './protocol.js'
import { sourceOf } from './source.js'

/** Milliseconds between two words on how far it is. */
const pace = 100

let answers: Answers | undefined

const say = (reply: Reply): void => self.postMessage(reply)

const answer = ({ topic, asked }: Question): unknown => {
  if (topic === 'open') {
    const { file } = asked as Question<'open'>['asked']
    let saidAt = Date.now()
    const opened = open(sourceOf(file), (bytes, steps) => {
      const now = Date.now()
      if (now - saidAt < pace) return
      saidAt = now
      say({ _tag: 'Progress', bytes, total: file.size, steps })
    })
    answers = opened.answers
    return opened.summary
  }
  if (answers === undefined) throw new Error('no recording is open')
  return (answers[topic] as (asked: unknown) => unknown)(asked)
}

self.addEventListener('message', ({ data }: MessageEvent<Question>) => {
  try {
    say({ _tag: 'Told', number: data.number, told: answer(data) })
  } catch (error) {
    say({ _tag: 'Failed', number: data.number, problem: error instanceof Error ? error.message : String(error) })
  }
})
