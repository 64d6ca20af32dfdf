/** One call brings everything back, in the one order that is right: the sessions between what is known of them and what uses them. */
import type { Event } from '@smacks/core'
import type { Journalled, RecoverySteps, SessionJournal } from '@smacks/runtime'
import { expect, test } from 'vitest'
import { createWorld, events } from './world.js'

const romeo = 'romeo@example.org'
const juliet = 'juliet@example.org'

const journalOf = (happened: ReadonlyArray<readonly [account: string, Event<string>]>): SessionJournal<string> => {
  const journalled = happened.map(([account, event]): Journalled<string> => ({ _tag: 'EventLogged', account, event }))
  return { recover: () => journalled, kept: () => [], countKept: () => 0, wanted: () => [] }
}

const orchard = events('orchard', 'c1')
const balcony = events('balcony', 'c2')

/** Romeo's session can be resumed. Juliet's cannot, so it ends as soon as it is back. */
const both = journalOf([
  [romeo, orchard.bound()],
  [romeo, orchard.enable()],
  [juliet, balcony.bound()],
])

const createRecovering = (steps: Partial<RecoverySteps> = {}, sessions: SessionJournal<string> | undefined = both) => {
  const world = createWorld({
    ...(sessions === undefined ? {} : { sessions }),
    application: (runtime, log) => {
      const note = (what: string): void => {
        const present = [...runtime.accounts()].filter(id => runtime.account(id).sessions.length > 0)
        log.push(`${what}: ${present.map(id => id.slice(0, id.indexOf('@'))).join(', ') || 'nobody'}`)
      }
      return {
        recovery: {
          restore: () => {
            note('restore')
            steps.restore?.()
          },
          abandoned: accounts => {
            note('abandoned')
            return steps.abandoned?.(accounts) ?? []
          },
          resume: () => {
            note('resume')
            steps.resume?.()
          },
        },
      }
    },
  })
  return world
}

test('what was written of sessions is read before any of them is back, since some end at once', () => {
  const { runtime, log } = createRecovering()
  runtime.recover()
  expect(log).toEqual(['restore: nobody', 'balcony ended lost', 'abandoned: romeo', 'resume: romeo'])
})

test('sessions of nobody have ended before anything goes on, and they are told of by the sessions that there are', () => {
  const asked: Array<string> = []
  const { runtime, log } = createRecovering({
    abandoned: accounts => {
      asked.push(...accounts)
      return [romeo, 'nobody@example.org']
    },
  })
  runtime.recover()
  expect(asked).toContain(romeo)
  expect(log.slice(2)).toEqual(['abandoned: romeo', 'orchard ended closed', 'resume: nobody'])
})

test('where no sessions are journalled the application brings back what it has all the same', () => {
  const world = createWorld({
    application: (_, log) => ({
      recovery: {
        restore: () => void log.push('restore'),
        abandoned: () => [],
        resume: () => void log.push('resume'),
      },
    }),
  })
  world.runtime.recover()
  expect(world.log).toEqual(['restore', 'resume'])
})

test('nothing is brought back twice', () => {
  const { runtime, log } = createRecovering()
  runtime.recover()
  const before = [...log]
  expect(() => runtime.recover()).toThrow('what was stored is brought back once, and it was already')
  expect(log).toEqual(before)
})

test('what the application cannot bring back is not passed over', () => {
  const { runtime, log } = createRecovering({
    restore: () => {
      throw new Error('the records cannot be read')
    },
  })
  expect(() => runtime.recover()).toThrow('the records cannot be read')
  expect(log).toEqual(['restore: nobody'])
})
