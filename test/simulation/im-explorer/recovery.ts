/** The process dies, another one begins: what must hold before anybody connects, when all have resumed, and in the end. */

import { isRight } from 'fp-ts/lib/Either.js'
import { decodePresence, presenceRecords } from '../../../packages/im/src/presence/record.js'
import { type Client, jidOf } from './client.js'
import { brokenAtRest, brokenPicture, presencesOf, truthOf } from './laws.js'
import type { Life } from './process.js'
import type { World } from './world.js'

/** Begins anew on what is durable, and brings everybody back; what is wrong. */
export const recoverAll = (world: World): string | undefined => {
  const kept = new Map(world.clients.map(({ account }) => [account, durablePresences(world, account)]))
  world.restart()
  const wrong = brokenAwakening(world, kept)
  if (wrong !== undefined) return `before anybody connects: ${wrong}`
  return brokenReturn(world)
}

/** All is back as it was written, but for sessions that cannot be resumed. */
const brokenAwakening = (world: World, kept: ReadonlyMap<string, Kept>): string | undefined => {
  const truth = truthOf(world)
  for (const client of world.clients)
    if (client.smId !== undefined && !hasSession(world.life, client))
      return `the session of ${jidOf(client)} is not back`
  for (const { account, resource, isManaged } of world.clients)
    if (!isManaged && hasSession(world.life, { account, resource }))
      return `the session of ${account}/${resource} is back, and nobody can resume it`
  for (const [account, { sessions }] of truth) {
    const back = presencesOf(
      (kept.get(account) ?? []).filter(({ resource }) => hasSession(world.life, { account, resource })),
    )
    const known = presencesOf(sessions)
    if (known !== back) return `of ${account} is known ${known}, and it was ${back}`
  }
  return brokenAtRest(world, truth)
}

/** Who can resumes; then all say again what the server has not handled, and who has no session comes anew. */
const brokenReturn = (world: World): string | undefined => {
  const resuming = world.clients.filter(({ smId }) => smId !== undefined)
  for (const client of resuming) world.resume(client)
  const refused = resuming.find(({ isToSayFrom }) => isToSayFrom === undefined)
  if (refused !== undefined) return `${jidOf(refused)} cannot resume`
  const isEven = ({ isToSayFrom, said }: Client): boolean => isToSayFrom === said.length
  const resumed = wrongAmong(world, resuming.filter(isEven))
  if (resumed !== undefined) return `when all have resumed: ${resumed}`
  for (const client of resuming) world.sayAgain(client)
  for (const client of world.clients) if (client.connection === undefined) world.come(client)
  const end = wrongAmong(world, world.clients)
  return end === undefined ? undefined : `when all are back: ${end}`
}

/** What is wrong at rest, or in the picture of one of these. */
export const wrongAmong = (world: World, clients: ReadonlyArray<Client>): string | undefined => {
  const truth = truthOf(world)
  const wrong = brokenAtRest(world, truth)
  if (wrong !== undefined) return wrong
  for (const client of clients) {
    const broken = client.connection === undefined ? undefined : brokenPicture(truth, client)
    if (broken !== undefined) return broken
  }
  return undefined
}

type Kept = ReturnType<typeof durablePresences>

const durablePresences = ({ durable }: World, account: string) => {
  const texts = new Map<string, string>()
  for (const change of durable.flat())
    if (
      (change._tag === 'PutRecord' || change._tag === 'DropRecord') &&
      change.kind === presenceRecords &&
      change.account === account
    ) {
      if (change._tag === 'PutRecord') texts.set(change.name, change.text)
      else texts.delete(change.name)
    }
  return [...texts].flatMap(([name, text]) => {
    const decoded = decodePresence(name, text)
    return isRight(decoded) ? [decoded.right] : []
  })
}

const hasSession = ({ runtime }: Life, { account, resource }: Pick<Client, 'account' | 'resource'>): boolean =>
  runtime.account(account).sessions.some(session => session.resource === resource)
