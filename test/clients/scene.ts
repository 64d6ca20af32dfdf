/**
 * One fault, and all clients at once on one server: each talks with a partner of its own, the fault comes in the middle
 * of it, and they go on talking. What became of each session is read from the server's recording, what became of the
 * messages from the two who exchanged them.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { moment, startOn } from '../integration/ground.js'
import { type LineProxy, startLineProxy } from '../support/line-proxy.js'
import type { RunningServer } from '../support/server.js'
import type { Command, RealClient } from './catalogue.js'
import { type RunningClient, startClient } from './client.js'
import type { Fault, Settings } from './faults.js'
import { type Partner, startPartner } from './partner.js'
import { type Watch, watchRecording } from './recording.js'
import { judge, type Verdict } from './verdict.js'

export interface Result {
  /** What its session came to: the same one was resumed, another begun, or neither. */
  readonly session: 'anew' | 'gone' | 'resumed'
  readonly toClient: Verdict
  readonly fromClient: Verdict
  /** How the server ended its line, as far as it did. */
  readonly closed: ReadonlyArray<string>
  readonly complaints: ReadonlyArray<string>
  /** What the client told, for failures. */
  readonly told: string
}

export interface Player extends Pick<RealClient, 'isTyped' | 'name'> {
  readonly command: Command
}

/** How many messages each side says before and after; the fault comes in the midst of a third part. */
const messages = { before: 10, during: 20, after: 10 }
const pause = 40
const startSeconds = 60
const returnSeconds = 60
const arrivalSeconds = 30
/** Nothing comes for so long: nothing will. */
const quietMilliseconds = 3_000

interface Role {
  readonly name: string
  readonly isTyped: boolean
  readonly account: string
  readonly client: RunningClient
  readonly partner: Partner
  readonly line: LineProxy
  readonly said: { readonly toClient: Array<string>; readonly fromClient: Array<string> }
}

export const playScene = async (
  fault: Fault,
  players: ReadonlyArray<Player>,
  folder: string,
): Promise<ReadonlyMap<string, Result>> => {
  const stage = await openStage(fault, players, folder)
  const roles: Array<Role> = []
  try {
    for (const [index, player] of players.entries()) roles.push(await enter(stage, player, index, folder))
    await awaitAll(roles, startSeconds, role => stage.watch.since(role.account, 0).some(it => it.sign === 'enabled'))
    await moment(1_000)
    return await play(fault, stage, roles)
  } finally {
    for (const { partner } of roles) partner.stop()
    await Promise.all(roles.map(({ client }) => client.stop()))
    await Promise.all(roles.map(({ line }) => line.stop()))
    await stage.server().terminate()
    if (process.env.KEEP === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

interface Stage {
  readonly server: () => RunningServer
  readonly waitsForServer: boolean
  /** Where the server of the moment listens. */
  readonly target: { readonly port: number }
  readonly startAgain: (settings?: Settings) => Promise<void>
  readonly watch: Watch
}

const password = 'secret'

const openStage = async (
  { settings = {}, refuses = false }: Fault,
  players: ReadonlyArray<Player>,
  folder: string,
): Promise<Stage> => {
  const recordings = join(folder, 'recordings')
  const users = players.flatMap((_, index) => [
    { username: `client-${index}`, password },
    { username: `partner-${index}`, password },
  ])
  const start = (now: Settings, first: boolean): Promise<RunningServer> =>
    startOn({ folder, users: first ? users : [], ...now, args: ['--record', recordings] })
  let server = await start(settings, true)
  return {
    server: () => server,
    waitsForServer: !refuses,
    target: {
      get port() {
        return server.port
      },
    },
    startAgain: async next => {
      server = await start(next ?? settings, false)
    },
    watch: watchRecording(recordings),
  }
}

const enter = async (
  stage: Stage,
  { name, command, isTyped = false }: Player,
  index: number,
  folder: string,
): Promise<Role> => {
  const account = `client-${index}@localhost`
  const partner = await startPartner({ username: `partner-${index}`, password }, stage.target)
  const line = await startLineProxy(stage.target, stage)
  const client = startClient(
    command,
    { jid: `${account}/test`, password, port: line.port, certificate: join(folder, 'cert.pem') },
    folder,
  )
  return { name, isTyped, account, client, partner, line, said: { toClient: [], fromClient: [] } }
}

const play = async (fault: Fault, stage: Stage, roles: ReadonlyArray<Role>): Promise<ReadonlyMap<string, Result>> => {
  const { watch } = stage
  for (let n = 0; n < messages.before; n += 1) {
    for (const role of roles) sayBoth(role)
    await moment(pause)
  }
  const silent = roles.filter(({ isTyped }) => isTyped)
  await awaitAll(silent, arrivalSeconds, hasAll)
  let happened = false
  const from = Date.now()
  const happening = fault
    .happen({
      server: stage.server(),
      startAgain: stage.startAgain,
      clients: roles.map(({ client }) => client),
      lines: roles.map(({ line }) => line),
      allHibernate: () =>
        roles.every(({ account }) => watch.since(account, from).some(({ sign }) => sign === 'hibernating')),
    })
    .then(() => {
      happened = true
    })
  // The partner goes on as if nothing were.
  for (let n = 0; n < messages.during; n += 1) {
    for (const role of roles) sayToClient(role)
    await moment(pause)
  }
  await happening
  if (!happened) throw new Error('the fault did not happen')
  await awaitAll(roles, returnSeconds, ({ account }) => sessionSince(watch, account, from) !== 'gone', false)
  for (let n = 0; n < messages.after; n += 1) {
    for (const role of roles) sayBoth(role)
    await moment(pause)
  }
  await awaitQuiet(roles)
  return new Map(roles.map(role => [role.name, resultOf(watch, role, from)]))
}

const sayToClient = ({ partner, account, said }: Role): void => {
  const body = `p${said.toClient.length}`
  said.toClient.push(body)
  partner.say(account, body)
}

const sayBoth = (role: Role): void => {
  sayToClient(role)
  const { client, account, said } = role
  const body = `c${said.fromClient.length}`
  said.fromClient.push(body)
  client.say(account.replace('client', 'partner'), body)
}

const hasAll = ({ client, partner, said }: Role): boolean =>
  judge(said.toClient, client.received).lost.length === 0 && judge(said.fromClient, partner.received).lost.length === 0

/** A session that was begun anew and then resumed was begun anew. */
const sessionSince = (watch: Watch, account: string, at: number): Result['session'] => {
  const signs = watch.since(account, at).map(({ sign }) => sign)
  const first = signs.find(sign => sign === 'resumed' || sign === 'enabled')
  if (first === undefined) return 'gone'
  return first === 'resumed' && !signs.includes('bound') ? 'resumed' : 'anew'
}

const resultOf = (watch: Watch, { account, client, partner, said }: Role, from: number): Result => ({
  session: sessionSince(watch, account, from),
  toClient: judge(said.toClient, client.received),
  fromClient: judge(said.fromClient, partner.received),
  closed: watch.since(account, from).flatMap(({ sign, how }) => (sign === 'closed' ? [how ?? ''] : [])),
  complaints: partner.complaints,
  told: client.told(),
})

/** Waits until nothing comes any more, for a shorter while if all is there. */
const awaitQuiet = async (roles: ReadonlyArray<Role>): Promise<void> => {
  const count = (): number =>
    roles.reduce((sum, { client, partner }) => sum + client.received.length + partner.received.length, 0)
  const deadline = Date.now() + arrivalSeconds * 1_000
  let [last, since] = [count(), Date.now()]
  while (Date.now() < deadline) {
    await moment(100)
    const now = count()
    if (now !== last) [last, since] = [now, Date.now()]
    if (Date.now() - since > (roles.every(hasAll) ? quietMilliseconds / 2 : quietMilliseconds)) return
  }
}

/** Waits until it holds for all; throws otherwise, with what they told, or goes on. */
const awaitAll = async (
  roles: ReadonlyArray<Role>,
  seconds: number,
  holds: (role: Role) => boolean,
  must = true,
): Promise<void> => {
  const deadline = Date.now() + seconds * 1_000
  for (;;) {
    const left = roles.filter(role => !holds(role))
    if (left.length === 0) return
    if (Date.now() > deadline) {
      if (!must) return
      throw new Error(
        `not within ${seconds} s: ${left.map(({ name, client }) => `${name}:\n${client.told()}`).join('\n')}`,
      )
    }
    await moment(200)
  }
}
