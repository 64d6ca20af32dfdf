/** The timers that a shell has armed, and the deadlines in the state: each is the other, after every step. */
import { type Account, sessionOf, type TimerName } from '@smacks/core'
import { expect } from 'vitest'
import type { Step } from './model.js'

interface ArmedTimer {
  readonly resource: string
  readonly timer: TimerName
  readonly due: number
}

/** By resource and timer. */
export type Armed = Map<string, ArmedTimer>

export const timerKey = ({ resource, timer }: Pick<ArmedTimer, 'resource' | 'timer'>): string => `${resource} ${timer}`

/** What the shell of an account had armed when the program begins. */
export const armedAtFirst = (account: Account<string>): Armed =>
  new Map(deadlinesIn(account).map(timer => [timerKey(timer), timer]))

const deadlinesIn = ({ sessions }: Account<string>): ReadonlyArray<ArmedTimer> =>
  sessions.flatMap(session =>
    'deadlines' in session
      ? Object.entries(session.deadlines).flatMap(([timer, due]) =>
          due === undefined ? [] : [{ resource: session.resource, timer: timer as TimerName, due }],
        )
      : [],
  )

/** Does to the shell's timers what a step does, and compares them with the state after it. */
export const checkTimers = ({ event, after, effects }: Step, armed: Armed): void => {
  if (event._tag === 'TimerFired' && armed.get(timerKey(event))?.due === event.due) armed.delete(timerKey(event))
  for (const effect of effects) {
    if (effect._tag === 'ArmTimer') {
      const { resource, timer, due } = effect
      armed.set(timerKey(effect), { resource, timer, due })
    }
    if (effect._tag === 'DisarmTimer') armed.delete(timerKey(effect))
  }
  const deadlines = new Map(deadlinesIn(after).map(timer => [timerKey(timer), timer]))
  for (const [key, timer] of armed) expect(deadlines.get(key), key).toEqual(timer)
  for (const [key, timer] of deadlines) {
    // While <resumed/> is awaited the time of hibernation does not end, but its timer may have fired.
    const mayHaveFired = sessionOf(after, timer.resource)?._tag === 'Resuming'
    if (!mayHaveFired) expect(armed.get(key), key).toEqual(timer)
  }
}
