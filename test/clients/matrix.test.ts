/**
 * Real, unmodified clients through what servers and devices do: each resumes its session, and each message between it and
 * its partner comes once and in order. `npm run test:clients`; the last lines say what became of each.
 */
import { chmodSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/places.js'
import { catalogue } from './catalogue.js'
import { blamed, expectationOf } from './expectations.js'
import { type Fault, faults } from './faults.js'
import { type Player, playScene, type Result } from './scene.js'
import { tableOf } from './table.js'
import { faultless } from './verdict.js'

type Results = ReadonlyMap<string, Result>

const workshop = temporaryFolder('clients')
// Others than root run what is in it.
chmodSync(workshop.path, 0o755)

const clients = catalogue.map(client => ({ ...client, absent: client.missing() }))
const present = clients.filter(({ absent }) => absent === undefined)
const players = present.map((client): Player => ({ ...client, command: client.prepare(workshop.path) }))

/** Clients mostly wait, so two scenes share the machine. */
const lanes = 2
const minutes = 60_000

const playAll = (): ReadonlyMap<Fault, Promise<Results>> => {
  const ends: Array<Promise<unknown>> = Array.from({ length: lanes }, () => Promise.resolve())
  return new Map(
    faults.map((fault, index) => {
      const play = async (): Promise<Results> => playScene(fault, players, temporaryScene())
      const playing = (ends[index % lanes] ?? Promise.resolve()).then(play)
      ends[index % lanes] = playing.catch(() => undefined)
      return [fault, playing]
    }),
  )
}

const temporaryScene = (): string => {
  const { path } = temporaryFolder('scene')
  chmodSync(path, 0o755)
  return path
}

const scenes = playAll()
for (const playing of scenes.values()) playing.catch(() => undefined)

afterAll(async () => {
  const settled = await Promise.allSettled(scenes.values())
  const columns = settled.flatMap((it, index) => {
    const name = faults[index]?.name
    return it.status === 'fulfilled' && name !== undefined ? [{ name, results: it.value }] : []
  })
  console.log(tableOf(columns))
  workshop.remove()
})

for (const [fault, playing] of scenes)
  describe(fault.name, () => {
    for (const { name, absent } of clients)
      test.skipIf(absent !== undefined)(
        `${name}${absent === undefined ? '' : ` (${absent})`}`,
        async () => {
          const result = (await playing).get(name)
          if (result === undefined) throw new Error(`${name} did not play`)
          const { session, toClient, fromClient } = expectationOf(name, fault.name)
          expect(
            {
              session: result.session,
              toClient: blamed(result.toClient, toClient),
              fromClient: blamed(result.fromClient, fromClient),
              partner: result.complaints,
            },
            result.told,
          ).toEqual({ session, toClient: faultless, fromClient: faultless, partner: [] })
        },
        8 * minutes,
      )
  })
