/** Each way a stanza ends: what the export of the journal tells of it, beside what a recording of the same tells. */
import { explain, type Recording } from '@smacks/replay'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { tellTwice } from './exported.js'
import { type createStage, juliet, nurse, romeo } from './stage.js'

type Stage = ReturnType<typeof createStage>

interface Scene {
  readonly play: (stage: Stage) => void
  readonly config?: Parameters<typeof createStage>[0]
  readonly verdict: RegExp
  /** What the export has once snapshots took the place of all that could go. */
  readonly left: RegExp
}

const bothOnline = (stage: Stage): void => {
  stage.online(romeo, 'r1')
  stage.online(juliet, 'j1')
  stage.wait(1)
}
const send = (stage: Stage): void => stage.send(romeo, 'r1', { id: 'm', to: juliet })
const drop = (stage: Stage, jid = juliet, connection = 'j1'): void => stage.happen(jid, connection, 'ConnectionLost')

const gone =
  /^no stanza .* it was made from a journal, which has only what its sessions still need: it may have been acked/
const untold = /; what happened to it before the recording came to know of it is not told/

const scenes: Readonly<Record<string, Scene>> = {
  acked: {
    play: stage => {
      bothOnline(stage)
      send(stage)
      stage.ack(juliet, 'j1', 1)
    },
    verdict: /^acked by juliet@example.org\/balcony at \S+; delivered once$/,
    left: untold,
  },
  'acked while resuming': {
    play: stage => {
      bothOnline(stage)
      send(stage)
      drop(stage)
      stage.resume(juliet, 'j2', 'sm-j1', 1)
    },
    verdict: /^acked by \S+ at \S+; delivered once$/,
    left: gone,
  },
  'sent again, then acked': {
    play: stage => {
      bothOnline(stage)
      send(stage)
      drop(stage)
      stage.resume(juliet, 'j2', 'sm-j1', 0)
      stage.ack(juliet, 'j2', 1)
    },
    verdict: /^acked by \S+ at \S+; delivered once$/,
    left: gone,
  },
  'stored when its session expired': {
    play: stage => {
      bothOnline(stage)
      send(stage)
      drop(stage)
      stage.wait(700)
    },
    verdict: /^stored offline for juliet@example.org at \S+; it was written to \S+ once before that and never acked/,
    left: gone,
  },
  'stored when its session expired, and it came while the client was away': {
    play: stage => {
      bothOnline(stage)
      drop(stage)
      send(stage)
      stage.wait(700)
    },
    verdict: /^stored offline for juliet@example.org at \S+$/,
    left: gone,
  },
  'stored, then fetched and acked': {
    play: stage => {
      bothOnline(stage)
      drop(stage)
      send(stage)
      stage.wait(700)
      stage.online(juliet, 'j2')
      stage.wait(1)
      stage.ack(juliet, 'j2', 1)
    },
    verdict: /^acked by \S+ at \S+; delivered once$/,
    left: untold,
  },
  'stored when its stream was closed': {
    play: stage => {
      bothOnline(stage)
      send(stage)
      stage.happen(juliet, 'j1', 'StreamClosed')
    },
    verdict: /^stored offline for juliet@example.org at \S+; it was written to/,
    left: untold,
  },
  'stored when its resource was bound anew': {
    play: stage => {
      bothOnline(stage)
      send(stage)
      stage.online(juliet, 'j2')
    },
    verdict: /^stored offline for juliet@example.org at \S+; it was written to/,
    left: untold,
  },
  'stored when its client broke the rules': {
    play: stage => {
      bothOnline(stage)
      send(stage)
      stage.ack(juliet, 'j1', 5)
    },
    verdict: /^stored offline for juliet@example.org at \S+; it was written to/,
    left: untold,
  },
  'stored when too much waited': {
    play: stage => {
      bothOnline(stage)
      drop(stage)
      send(stage)
      for (const id of ['m1', 'm2', 'm3', 'm4', 'm5']) stage.send(romeo, 'r1', { id, to: juliet })
    },
    config: { queueCeiling: 4, maxQueueSize: 2 },
    verdict: /^stored offline for juliet@example.org at \S+$/,
    left: gone,
  },
  returned: {
    play: stage => {
      bothOnline(stage)
      send(stage)
      drop(stage)
      stage.wait(700)
    },
    config: { offlineStorage: false },
    verdict: /^returned to its sender at \S+, since \S+ did not ack it; .*\nstill unacked by romeo/,
    left: untold,
  },
  'returned when its session was evicted': {
    play: stage => {
      bothOnline(stage)
      stage.online(nurse, 'n1')
      send(stage)
      drop(stage)
      stage.wait(1)
      drop(stage, nurse, 'n1')
    },
    config: { maxHibernatingSessions: 1 },
    verdict: /^returned to its sender at \S+, since \S+ did not ack it; .*\nstill unacked by romeo/,
    // The answer came later than the snapshots.
    left: /^still unacked by romeo/,
  },
  'dropped, being an error': {
    play: stage => {
      bothOnline(stage)
      stage.send(romeo, 'r1', { id: 'm', to: juliet, type: 'error' })
      drop(stage)
      stage.wait(700)
    },
    verdict: /^discarded at \S+, when the session of \S+ ended; it was written to/,
    left: gone,
  },
  'routed anew, then acked': {
    play: stage => {
      bothOnline(stage)
      stage.online(nurse, 'n1')
      send(stage)
      drop(stage)
      stage.wait(1)
      stage.ack(nurse, 'n1', 1)
    },
    config: { hibernationTime: 0 },
    verdict: /^acked by juliet@example.org\/chamber at \S+; delivered once$/,
    left: gone,
  },
  'acked by one session, and returned by the other': {
    play: stage => {
      bothOnline(stage)
      stage.online(nurse, 'n1')
      stage.send(romeo, 'r1', { id: 'm', to: 'juliet@example.org' })
      stage.ack(nurse, 'n1', 1)
      drop(stage)
      stage.wait(700)
    },
    verdict:
      /^acked by juliet@example.org\/chamber at \S+ and returned to its sender at \S+, since juliet@example.org\/balcony/,
    left: untold,
  },
  'still queued, its client connected': {
    play: stage => {
      bothOnline(stage)
      send(stage)
      stage.wait(3)
    },
    verdict: /^still unacked by \S+ at the end of the recording: j1 is connected/,
    left: untold,
  },
  'still queued, its client away': {
    play: stage => {
      bothOnline(stage)
      send(stage)
      drop(stage)
      stage.wait(3)
    },
    verdict: /^still unacked by \S+ at the end of the recording: its client is away and can resume until/,
    left: untold,
  },
}

const told = (recording: Recording): string => {
  const stories = explain(recording, 'm')
  return isLeft(stories) ? stories.left : stories.right.map(({ verdict }) => verdict).join('\n')
}

const fates = (recording: Recording): ReadonlyArray<string> => {
  const stories = explain(recording, 'm')
  return isLeft(stories) ? [] : stories.right.flatMap(story => story.fates.map(fate => `${fate.how} ${fate.resource}`))
}

describe('a stanza that was', () => {
  for (const [name, { play, config, verdict, left }] of Object.entries(scenes)) {
    test(`${name}: an export of all that happened says the same`, async () => {
      const { live, exported } = await tellTwice(play, config)
      expect(told(live)).toMatch(verdict)
      expect(told(exported)).toBe(told(live))
    })

    test(`${name}: an export of what snapshots left says nothing else, and that something is missing`, async () => {
      const { live, exported } = await tellTwice(play, config, 1)
      expect(exported.entries.length).toBeLessThan(live.entries.length)
      expect(told(exported)).toMatch(left)
      expect(fates(live)).toEqual(expect.arrayContaining([...fates(exported)]))
    })
  }
})

test('times of an export count from its first event, its snapshots have that time', async () => {
  const { exported } = await tellTwice(scenes['still queued, its client connected']?.play ?? (() => {}), {}, 1)
  const { header, entries } = exported
  expect(header.exported).toBe(true)
  for (const { at } of entries) expect(at).toBeGreaterThanOrEqual(header.at)
  expect(Math.min(...entries.map(({ at }) => at))).toBe(header.at)
})
