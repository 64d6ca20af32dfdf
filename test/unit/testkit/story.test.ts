import { counterModulus, defaultConfig, isCounter } from '@smacks/core'
import {
  beginStory,
  configArbitrary,
  counterArbitrary,
  eventStreamArbitrary,
  perform,
  performAll,
  programArbitrary,
  rewriteTranscript,
  runProgram,
  runTranscript,
} from '@smacks/testkit'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const told = (...lines: ReadonlyArray<string>) => {
  const [, steps] = performAll(beginStory(defaultConfig), lines)
  return steps.map(({ event }) => event._tag)
}

describe('a story', () => {
  it('turns commands into events', () => {
    expect(told('bind', 'enable resume', 'submit m1 m2', 'lose-transport', 'resume some=1', 'wait 30')).toEqual([
      'SessionBound',
      'EnableReceived',
      'StanzaSubmitted',
      'StanzaSubmitted',
      'ConnectionLost',
      'ResumeReceived',
      'TimerFired',
    ])
  })

  it('fires the timers that the effects armed, each at its time', () => {
    const [, steps] = performAll(beginStory(defaultConfig), ['given session', 'submit m1', 'be-silent', 'wait 1000'])
    const fired = steps.flatMap(({ event }) =>
      event._tag === 'TimerFired' ? [`${event.timer} ${event.at - event.due}`] : [],
    )
    expect(fired).toEqual(['ackDelay 0', 'readProbe 0', 'hibernation 0'])
  })

  const mistakes: ReadonlyArray<readonly [line: string, message: string]> = [
    ['jump', 'jump: there is no such command; there are given, bind, enable,'],
    ['submit z1', 'submit z1: "z1" names no stanza: the first letter must be one of m n h g e p q s r x'],
    ['submit m1(late)', '"m1(late)" has the flag "late"; allowed are again, archived, copy, delayed, full'],
    ['lose-transport', 'lose-transport: phone has no connection yet; bind it first'],
    ['wait long', '"long": the seconds to wait are needed'],
    ['ack h=many on=c1', 'h=many: a number is needed'],
    ['failed utterly on=c1', '"utterly" is not one of bad-request, feature-not-implemented,'],
    ['fire lunch', '"lunch" is not one of ackDelay, ackHold, hibernation, readProbe'],
    ['given a chance', 'allowed are nothing, unmanaged, session, initiating and counters'],
    ['given session offlineStorage=perhaps', 'offlineStorage=perhaps: true or false is needed'],
  ]
  for (const [line, message] of mistakes)
    it(`quotes the line that it does not understand: ${line}`, () => {
      expect(() => perform(beginStory(defaultConfig), line)).toThrow(message)
    })
})

const transcript = `# A line of comment.
# The title.
given session
submit m1
----
SendStanza m1 -> c1

# What follows goes on from there.
show
----
nothing
`

describe('a transcript', () => {
  it('tells for each block what is expected and what the core does', () => {
    const [first, second] = runTranscript(transcript)
    expect(first?.title).toBe('The title.')
    expect(first?.expected).toEqual(['SendStanza m1 -> c1'])
    expect(first?.actual).toEqual(['SendStanza m1 -> c1', 'Request -> c1', 'ArmTimer ackDelay at 30s'])
    expect(second?.actual).toEqual(['phone: Active c1 h=0 acked=0 unacked=[m1] resumable=600s awaiting-ack'])
  })

  it('once rewritten expects what the core does, and keeps its comments', () => {
    const rewritten = rewriteTranscript(transcript)
    for (const { expected, actual } of runTranscript(rewritten)) expect(expected).toEqual(actual)
    expect(rewritten).toContain('# A line of comment.\n# The title.\ngiven session\n')
    expect(rewriteTranscript(rewritten)).toBe(rewritten)
  })
})

describe('programs that are made up', () => {
  for (const role of ['receiving', 'initiating'] as const)
    for (const rude of [false, true])
      it(`can all be run, ${role}${rude ? ' and rude' : ''}, and are the same each time`, () => {
        fc.assert(
          fc.property(configArbitrary(), programArbitrary({ role, rude }), (config, program) => {
            const steps = runProgram(config, program)
            expect(steps.length).toBeGreaterThan(0)
            expect(runProgram(config, program)).toEqual(steps)
          }),
        )
      })

  it('reach hibernation, resumption, its failure and expiry often enough to matter', () => {
    const seen = new Set<string>()
    for (const program of fc.sample(programArbitrary(), { numRuns: 300, seed: 198 }))
      for (const { effects } of runProgram(defaultConfig, program))
        for (const effect of effects) {
          if (effect._tag === 'SendNonza') seen.add(effect.nonza._tag)
          else if (effect._tag === 'EndSession') seen.add(effect.reason)
          else seen.add(effect._tag)
        }
    const wanted = ['Resumed', 'Failed', 'Ack', 'expired', 'closed', 'replaced', 'StoreOffline', 'Discard', 'Notify']
    expect(wanted.filter(name => !seen.has(name))).toEqual([])
  })

  it('are polite unless told: the peer breaks no rule', () => {
    fc.assert(
      fc.property(programArbitrary(), program => {
        const refused = runProgram(defaultConfig, program)
          .filter(({ event }) => event._tag !== 'StreamRefused')
          .flatMap(({ effects }) => effects)
          .filter(effect => effect._tag === 'EndSession' && effect.reason === 'refused')
        expect(refused).toEqual([])
      }),
    )
  })

  it('give events that are plausible for one account', () => {
    fc.assert(
      fc.property(eventStreamArbitrary(), events => {
        const back = events.filter(({ at }, index) => at < (events[index - 1]?.at ?? at))
        expect(back.every(({ _tag }) => _tag === 'ClockStepped')).toBe(true)
        expect(events[0]?._tag).toBe('SessionBound')
      }),
    )
  })

  it('start near the wrap often enough', () => {
    const counters = fc.sample(counterArbitrary(), { numRuns: 200, seed: 198 })
    expect(counters.every(isCounter)).toBe(true)
    expect(counters.filter(counter => counter > counterModulus - 10).length).toBeGreaterThan(20)
  })
})
