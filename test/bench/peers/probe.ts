/** Asks a Node server under measurement (see `node-probe.mjs`). */
import type { ChildProcess } from 'node:child_process'

export const nodeArguments = ['--expose-gc', '--import', new URL('node-probe.mjs', import.meta.url).href]

export interface Probe {
  /** Collects garbage, and tells what values take then, in kB. */
  readonly values: () => Promise<number>
  /** From now on it is known for how long the loop is blocked. */
  readonly watchLoop: () => Promise<void>
  /** For how long it was at most, since it was watched, in ms. */
  readonly blocked: () => Promise<number>
}

interface Answer {
  readonly question: string
  readonly answer: number
}

const patienceSeconds = 120

export const probeOf = (child: ChildProcess): Probe => {
  const ask = (question: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(clock)
        child.off('message', hear)
        child.off('exit', gone)
      }
      const fail = (reason: string): void => {
        done()
        reject(new Error(`the server did not answer '${question}': ${reason}`))
      }
      const gone = (): void => fail('it ended')
      const clock = setTimeout(() => fail(`nothing came in ${patienceSeconds} s`), patienceSeconds * 1000)
      const hear = (message: unknown): void => {
        const answer = message as Answer
        if (answer.question !== question) return
        done()
        resolve(answer.answer)
      }
      child.on('message', hear)
      child.on('exit', gone)
      child.send(question)
    })
  return {
    values: () => ask('values'),
    watchLoop: async () => void (await ask('watch')),
    blocked: () => ask('blocked'),
  }
}
