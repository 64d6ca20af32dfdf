/** What each part of the suite's report says on every runtime. */
import { expect } from 'vitest'
import { corpus } from './ground.js'
import type { Report } from './suite/report.js'

export interface Expectation {
  readonly part: keyof Report
  readonly sentence: string
  readonly check: (report: Report) => void
}

export const expectations: ReadonlyArray<Expectation> = [
  {
    part: 'addresses',
    sentence: 'addresses in other scripts have one form, and what is none is refused',
    check: ({ addresses }) => {
      const forms = Object.values(addresses)
      expect(forms.slice(0, 4)).toEqual([
        'romeo@b\u00fccher.example/\u00c4',
        'romeo@b\u00fccher.example',
        'romeo@b\u00fccher.example',
        'romeo@b\u00fccher.example',
      ])
      expect(forms.map(form => form !== null)).toEqual(forms.map((_, index) => index < 17))
    },
  },
  {
    part: 'nonzas',
    sentence: 'nonzas are read as they were written, and what is none is refused',
    check: ({ nonzas: { readAsWritten, refused } }) => {
      expect(readAsWritten.map(({ read }) => read)).toEqual(readAsWritten.map(({ nonza }) => nonza))
      expect(refused.map(({ problem }) => typeof problem)).toEqual(refused.map(() => 'string'))
    },
  },
  {
    part: 'streams',
    sentence: 'streams are read the same however their bytes are cut',
    check: ({ streams }) => {
      expect(
        Object.entries(streams).filter(([, { toldOtherwiseInPiecesOf }]) => toldOtherwiseInPiecesOf.length > 0),
      ).toEqual([])
      expect(Object.values(streams).map(({ told }) => told.at(-2)?.split(':')[0])).toEqual(lastWords)
      expect(streams.whole?.told[2]).toContain('Ünïcödé 日本語 𝄞 &lt;&amp;😀')
    },
  },
  {
    part: 'transcripts',
    sentence: 'all transcripts are told as they are written down, in both roles',
    check: ({ transcripts }) => {
      expect(Object.keys(transcripts)).toEqual(Object.keys(corpus.transcripts))
      for (const { blocks, toldOtherwise } of Object.values(transcripts)) {
        expect(blocks).toBeGreaterThan(0)
        expect(toldOtherwise).toEqual([])
      }
    },
  },
  {
    part: 'programs',
    sentence: '400 programs of a fixed seed lead to the same states and effects, and their recordings verify',
    check: ({ programs: { programs, blocks } }) => {
      expect(programs).toBe(400)
      expect(blocks.map(({ notVerified }) => notVerified)).toEqual(blocks.map(() => 0))
      for (const { steps, effects } of blocks) expect(Math.min(steps, effects)).toBeGreaterThan(200)
    },
  },
  {
    part: 'life',
    sentence: 'two runtimes exchange stanzas over a line that is cut, and resume',
    check: ({ life }) => {
      expect(life.fromTheFirst).toMatchObject(livedWith(0, 0))
      expect(life.aroundTheWrap).toMatchObject(livedWith(2 ** 32 - 2, 2 ** 32 - 1))
    },
  },
  {
    part: 'recordings',
    sentence: 'all recordings that are kept verify',
    check: ({ recordings }) => {
      expect(Object.keys(recordings)).toEqual(Object.keys(corpus.recordings))
      for (const [file, { steps, compared, differing }] of Object.entries(recordings))
        expect({ file, compared, differing }).toEqual({ file, compared: steps, differing: 0 })
    },
  },
  {
    part: 'host',
    sentence: 'turns end, timers fire in their order, and SM-IDs are fresh',
    check: ({ host: { turns, timers, entropy } }) => {
      expect(turns).toEqual([
        'the caller went on',
        'what was at hand was done',
        'the turn ended',
        'the next turn ended',
      ])
      expect(timers).toEqual(['armed', 'first', 'second', 'third'])
      expect(entropy).toEqual({ fresh: 1_000, odd: 0 })
    },
  },
]

/** The last that each stream told, before how it ended. */
const lastWords = [
  'close',
  '<presence xml',
  'not-well-formed',
  'restricted-xml',
  'restricted-xml',
  'not-well-formed',
  'policy-violation',
  'policy-violation',
  'unsupported-encoding',
]

/** Five stanzas each way, each handled once and in order, none waiting, whatever the counters began with. */
const livedWith = (toServer: number, toClient: number) => ({
  client: sideWith('s', (toClient + 5) % 2 ** 32, (toServer + 5) % 2 ** 32),
  server: sideWith('c', (toServer + 5) % 2 ** 32, (toClient + 5) % 2 ** 32),
})

const sideWith = (from: string, handled: number, acked: number) => ({
  told: [1, 2, 3, 4, 5].map(number => `Handled ${from}${number}`),
  sessions: [{ phase: 'Active', handled, acked, unacked: 0 }],
  faults: [],
})
