/** The page's end of the line to its worker. */
import type { Question, Questions, Reply, Topic } from './protocol.js'
import ReplayWorker from './worker.js?worker&inline'

export interface ReplayClient {
  /** Rejects with an `Error` that says what is wrong. */
  readonly ask: <T extends Topic>(topic: T, asked: Questions[T]['asked']) => Promise<Questions[T]['told']>
  readonly close: () => void
}

export interface Progress {
  readonly bytes: number
  readonly total: number
  readonly steps: number
}

export const createReplayClient = (onProgress: (progress: Progress) => void): ReplayClient => {
  const worker = new ReplayWorker()
  const waiting = new Map<number, { readonly done: (told: never) => void; readonly failed: (error: Error) => void }>()
  let number = 0
  worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
    if (data._tag === 'Progress') return onProgress(data)
    const asker = waiting.get(data.number)
    waiting.delete(data.number)
    if (data._tag === 'Told') asker?.done(data.told as never)
    else asker?.failed(new Error(data.problem))
  })
  worker.addEventListener('error', ({ message }) => {
    for (const { failed } of waiting.values()) failed(new Error(message))
    waiting.clear()
  })
  return {
    ask: (topic, asked) =>
      new Promise((done, failed) => {
        number += 1
        waiting.set(number, { done, failed })
        worker.postMessage({ number, topic, asked } satisfies Question)
      }),
    close: () => worker.terminate(),
  }
}
