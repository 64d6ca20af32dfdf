/**
 * Stories of the core, told in text files. With SMACKS_REWRITE=1 the files are rewritten to what the core does
 * now; commit such a change only if you know why it is right.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Event, rules, sessionOf } from '@smacks/core'
import { rewriteTranscript, runTranscript, type StoryStep } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'

const folder = new URL('.', import.meta.url)
const told = readdirSync(folder)
  .filter(name => name.endsWith('.txt'))
  .map(file => {
    const path = fileURLToPath(new URL(file, folder))
    if (process.env.SMACKS_REWRITE === '1') writeFileSync(path, rewriteTranscript(readFileSync(path, 'utf8')))
    return { file, stories: storiesOf(readFileSync(path, 'utf8')) }
  })

for (const { file, stories } of told)
  describe(file, () => {
    for (const { title, text } of stories)
      it(title, () => {
        const blocks = runTranscript(text)
        expect(blocks).toHaveLength(1)
        for (const { commands, expected, actual } of blocks) {
          expect(commands[0], 'each story begins with `given`').toMatch(/^given /)
          expect([...commands, '----', ...actual].join('\n')).toBe([...commands, '----', ...expected].join('\n'))
        }
      })
  })

describe('the transcripts together', () => {
  const steps = () =>
    told.flatMap(({ stories }) => stories.flatMap(({ text }) => runTranscript(text).flatMap(block => block.steps)))

  it('go through each rule of the table, and each way that it can lead', () => {
    const gone = new Set(steps().map(wayOf))
    const promised = Object.entries<Ways>(rules).flatMap(([phase, events]) =>
      Object.entries(events).flatMap(([event, rule]) => (rule?.to ?? []).map(to => `${phase} --${event}--> ${to}`)),
    )
    expect(promised.filter(way => !gone.has(way))).toEqual([])
  })

  it('tell of each event that concerns more than one session', () => {
    const names = new Set(steps().map(({ event }) => event._tag))
    const wanted: ReadonlyArray<Event<never>['_tag']> = [
      'ConnectionWanted',
      'MessageSubmitted',
      'ResumeReceived',
      'ServerRestarted',
      'ServerStopping',
      'SessionBound',
    ]
    expect(wanted.filter(name => !names.has(name))).toEqual([])
  })
})

/** The paragraphs of a file, each by the last line of its comment. Nothing is run yet: each test runs its own. */
function storiesOf(transcript: string): ReadonlyArray<{ readonly title: string; readonly text: string }> {
  return transcript
    .split(/\n\s*\n/)
    .filter(text => text.trim() !== '')
    .map(text => ({ title: text.match(/^#\s*(.*)\n(?!#)/m)?.[1] ?? text, text }))
}

type Ways = { readonly [event: string]: { readonly to: ReadonlyArray<string> } | undefined }

/** `Active --ConnectionLost--> Hibernating` */
function wayOf({ event, before, after }: StoryStep): string {
  if (!('resource' in event)) return event._tag
  const from = sessionOf(before, event.resource)?._tag
  const to = sessionOf(after, event.resource)?._tag ?? 'Ended'
  return `${from} --${event._tag}--> ${to}`
}
