/** The chapters of the demo: who sends to whom, over a link that is cut how often, and what that came to. */

import { chance } from '../integration/ground.js'
import { type BesideProsody, besideProsody, domains } from '../support/federation/beside-prosody.js'
import { type Correspondent, calm, cutUnderTraffic } from '../support/federation/cutting.js'
import { type Counts, createLetters } from '../support/federation/letters.js'
import type { House } from '../support/house.js'
import type { LineProxy } from '../support/line-proxy.js'
import type { TestUser } from '../support/server.js'
import type { XmppClient } from '../support/xmpp-client.js'
import type { Page } from './page.js'

/** What became of the messages of one chapter. */
export interface Run {
  readonly name: string
  /** What its server does with what is unacked: ours may send it again, Prosody returns it. */
  readonly unacked: 'returned' | 'sent again'
  readonly cuts: number
  readonly counts: Counts
}

export interface PlayOptions {
  /** Of each chapter. */
  readonly cuts: number
  readonly seed: number
  readonly page: Page
}

const users: ReadonlyArray<TestUser> = [
  { username: 'romeo', password: 'montague' },
  { username: 'juliet', password: 'capulet' },
]

/** Nothing is lost; and what is unacked had one fate, the configured one. */
export const isAsConfigured = ({ unacked, counts }: Run): boolean =>
  counts.sent > 0 &&
  counts.lost === 0 &&
  counts.returnedAgain === 0 &&
  (unacked === 'returned' ? counts.doubled === 0 : counts.returned === 0)

export const playFederation = (options: PlayOptions): Promise<ReadonlyArray<Run>> =>
  besideProsody(beside => chapters(beside, options), users)

const chapters = async (beside: BesideProsody, { cuts, seed, page }: PlayOptions): Promise<ReadonlyArray<Run>> => {
  const random = chance(seed)
  const run = async (
    name: string,
    unacked: Run['unacked'],
    line: LineProxy,
    [from, to]: readonly [Correspondent, Correspondent],
  ): Promise<Run> => {
    const letters = createLetters(`${name}, ${unacked}`)
    const onCut = (round: number): void => page.progress(round, cuts, letters.counts())
    await cutUnderTraffic({ line, from, to, letters, rounds: cuts, random, onCut })
    return { name, unacked, cuts, counts: letters.counts() }
  }
  const { toProsody, toOurs } = beside

  page.chapter(`Our server and a Prosody start: ${domains.ours} and ${domains.prosody}.`)
  const prosodys = await beside.serveProsody()
  const juliet: Correspondent = { client: await enter(prosodys, 'juliet'), away: domains.ours }
  const strict = await beside.serveOurs({ config: { smacks_s2s_resend: false } })
  const romeo: Correspondent = { client: await enter(strict, 'romeo'), away: domains.prosody }
  await calm(romeo, juliet)
  page.line(`${romeo.client.jid} and ${juliet.client.jid} ping each other's servers, and are answered.`)

  page.chapter('Our link is cut under traffic: what Prosody did not ack goes back (smacks_s2s_resend = false).')
  const returned = await run('ours to Prosody', 'returned', toProsody, [romeo, juliet])

  page.chapter('The link of Prosody is cut under traffic: Prosody gives back what we did not ack.')
  const prosodysOwn = await run('Prosody to ours', 'returned', toOurs, [juliet, romeo])

  page.chapter('Our server starts anew and sends again what Prosody did not ack (smacks_s2s_resend = true).')
  await strict.server.terminate()
  const eager = await beside.serveOurs({ config: { smacks_s2s_resend: true } })
  const again: Correspondent = { client: await eager.resumed(romeo.client), away: domains.prosody }
  await calm(again, juliet)
  const resent = await run('ours to Prosody', 'sent again', toProsody, [again, juliet])
  return [returned, resent, prosodysOwn]
}

const enter = async (house: House, username: string): Promise<XmppClient> => {
  const user = users.find(it => it.username === username)
  if (user === undefined) throw new Error(`nobody is called ${username}`)
  return house.managed({ ...user, jid: `${username}@${house.server.domain}` }, 'balcony')
}
