/**
 * Recordings that are kept for ever: whatever the rules were when they were made, the same events lead to the same
 * effects and states today. Who edits one is told where.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Json } from '@smacks/codec'
import { imReducer } from '@smacks/im'
import {
  type AnyReplayed,
  describeFault,
  isOfCore,
  type Recording,
  readRecording,
  replay,
  replayAll,
  verify,
} from '@smacks/replay'
import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/places.js'
import { launch } from '../support/server.js'
import { tells } from './tells.js'

const folder = fileURLToPath(new URL('.', import.meta.url))
const command = fileURLToPath(new URL('../../apps/server/bin/smacks.mjs', import.meta.url))

const reducers = [imReducer()]

const files = readdirSync(folder).filter(name => name.endsWith('.ndjson'))
const pathOf = (file: string): string => join(folder, file)
const linesOf = (file: string): ReadonlyArray<string> => readFileSync(pathOf(file), 'utf8').trimEnd().split('\n')

const read = (lines: Iterable<string>): Recording => {
  const recording = readRecording(lines)
  if (isLeft(recording)) throw new Error(describeFault(recording.left))
  return recording.right
}

it('each recording that is promised is there, and no other', () => {
  expect(files.map(file => file.replace('.ndjson', '')).sort()).toEqual(Object.keys(tells).sort())
})

for (const file of files)
  describe(file, () => {
    const lines = linesOf(file)
    const recording = read(lines)

    it('verifies', () => {
      const all = [...replayAll(recording, reducers)]
      const { compared, differing, first } = verify(all)
      expect(first?.difference).toBeUndefined()
      // Text that was replaced may have decided what instant messaging did.
      const made = recording.header.redacted ? all.filter(isOfCore) : all
      expect({ compared, differing, truncated: recording.truncated }).toEqual({
        compared: made.length,
        differing: 0,
        truncated: false,
      })
    })

    it('tells what its name says', () => {
      const told = new Set([...replayAll(recording, reducers)].flatMap(wordsIn))
      expect((tells[file.replace('.ndjson', '')] ?? []).filter(words => !told.has(words))).toEqual([])
    })

    it('is small, and has no secrets in it', () => {
      const text = lines.join('\n')
      expect(text.length).toBeLessThan(120_000)
      expect(text).not.toMatch(/secret of|<(auth|response|authenticate)\b/)
    })

    it('is reported where it was edited, and not before', () => {
      for (const edited of edits(lines)) {
        const { first } = verify(replayAll(read(edited.lines), reducers))
        expect(first?.entry.seq).toBe(edited.seq)
        expect(first?.difference?.path).toBe(edited.path)
      }
    })
  })

describe('the recordings near 2^32', () => {
  for (const side of ['client', 'server'])
    it(`go over it, in both directions, at the ${side}`, () => {
      const counters = [...replay(read(linesOf(`wrap-near-2-32-${side}.ndjson`)))].flatMap(({ after }) =>
        after.sessions.flatMap(session =>
          session._tag === 'Active' ? [[session.inbound.handled, session.outbound.acked]] : [],
        ),
      )
      expect(counters[0]).toEqual([2 ** 32 - 3, 2 ** 32 - 3])
      expect(counters.at(-1)).toEqual([2, 2])
    })
})

describe('smacks replay', () => {
  const { path: edited, remove } = temporaryFolder('edited')
  afterAll(remove)

  it('verifies all', async () => {
    const { exited, output } = launch(process.execPath, [command, 'replay', ...files.map(pathOf)])
    expect(await exited, output()).toBe(0)
    expect(output()).toMatch(/^verified: \d+ steps of \d+ accounts, \d+ of them compared$/m)
  })

  it('says which step of an edited one diverges first, side by side', async () => {
    const [edit] = edits(linesOf('cut-by-reset.ndjson'))
    if (edit === undefined) throw new Error('there is nothing to edit')
    const file = join(edited, 'cut-by-reset.ndjson')
    mkdirSync(edited, { recursive: true })
    writeFileSync(file, `${edit.lines.join('\n')}\n`)
    const { exited, output } = launch(process.execPath, [command, 'replay', file])
    expect(await exited).toBe(1)
    expect(output()).toContain(`diverged at step ${edit.seq} of ${file}`)
    expect(output()).toContain(edit.path)
  })
})

/** The event and the effects of a step. */
function wordsIn(step: AnyReplayed): ReadonlyArray<string> {
  if (isOfCore(step)) return [step.event, ...step.effects].map(wordsOf)
  const { entry, outcome = entry.outcome } = step
  return [entry.event, ...(outcome?.effects ?? [])].map(({ _tag }) => `${entry.reducer} ${String(_tag)}`)
}

/** An event or effect in the few words that matter here. */
function wordsOf(it: object): string {
  const { _tag, timer, reason, notice, nonza, error } = it as Words
  const inside = nonza ?? notice ?? error
  const words = [_tag, timer, reason, inside?._tag, inside?.condition, inside?.outcome]
  return words.filter(word => word !== undefined).join(' ')
}

interface Words {
  readonly _tag: string
  readonly timer?: string
  readonly reason?: string
  readonly nonza?: Inside
  readonly notice?: Inside
  readonly error?: Inside
}

interface Inside {
  readonly _tag?: string
  readonly condition?: string
  readonly outcome?: string
}

interface Edit {
  readonly lines: ReadonlyArray<string>
  readonly seq: number
  readonly path: string
}

/** The recording with one step that says something else: the first, one in the middle, and the last, where that is possible. */
function edits(lines: ReadonlyArray<string>): ReadonlyArray<Edit> {
  const possible = lines.flatMap((line, index) => {
    const edited = edit(JSON.parse(line))
    return edited === undefined
      ? []
      : [{ ...edited, lines: lines.map((other, at) => (at === index ? JSON.stringify(edited.entry) : other)) }]
  })
  const chosen = [possible[0], possible[Math.floor(possible.length / 2)], possible.at(-1)]
  return chosen.filter(one => one !== undefined)
}

interface Line {
  readonly seq?: number
  readonly digest?: string
  readonly outcome?: { readonly effects: ReadonlyArray<Json>; readonly sessions?: ReadonlyArray<Counting> }
}

interface Counting {
  readonly resource: string
  readonly inbound?: { readonly handled: number }
}

/** One more stanza counted, or another digest; steps without either stay as they are. */
function edit(line: Line): { readonly entry: Line; readonly seq: number; readonly path: string } | undefined {
  const { seq = 0, digest, outcome } = line
  if (digest !== undefined) return { entry: { ...line, digest: `f00${digest.slice(3)}` }, seq, path: 'digest' }
  const [session, ...others] = outcome?.sessions ?? []
  if (outcome === undefined || session?.inbound === undefined) return undefined
  const counted = { ...session, inbound: { handled: (session.inbound.handled + 1) % 2 ** 32 } }
  return {
    entry: { ...line, outcome: { ...outcome, sessions: [counted, ...others] } },
    seq,
    path: `sessions.${session.resource}.inbound.handled`,
  }
}
