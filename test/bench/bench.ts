/**
 * `npm run bench`: how fast core and codec are by themselves, and what our server does over real sockets beside a
 * bare relay, Prosody and ejabberd, in one run on one core each. Only exactly delivered messages count.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { measureCodec } from './measures/codec.js'
import { measureCore } from './measures/core.js'
import { measureJournal } from './measures/journal.js'
import { type Effort, fullEffort, quickEffort } from './measures/measure.js'
import { measureMessages } from './measures/messages.js'
import { measureSessions } from './measures/sessions.js'
import { ejabberd } from './peers/ejabberd.js'
import { loadCore, type Peer } from './peers/peer.js'
import { prosody } from './peers/prosody.js'
import { relay } from './peers/relay.js'
import { smacks } from './peers/smacks.js'
import { coreTable, type PeerResult, peerTable } from './table.js'

const parts = ['core', 'codec', 'messages', 'sessions', 'journal'] as const
const peers: Readonly<Record<string, Peer>> = {
  relay,
  prosody,
  ejabberd,
  'smacks-memory': smacks('memory'),
  'smacks-process': smacks('process'),
  'smacks-disk': smacks('disk'),
}

/** What can be asked for by name: the three durabilities beside each other, and what the journal costs. */
const subjects: Readonly<Record<string, { readonly only: string; readonly peers: string }>> = {
  journal: { only: 'messages,journal', peers: 'smacks-memory,smacks-process,smacks-disk' },
}

const help = `npm run bench -- [SUBJECT] [options]

  journal            the durabilities: messages, latency, recovery, disk, memory
  --quick            a few minutes; memory per session is rough then, and recovery is overstated
  --only PARTS       of ${parts.join(',')}
  --peers NAMES      of ${Object.keys(peers).join(',')}
  --json FILE        writes the numbers there, too

It needs Linux and two cores: the server has one, the load the other. Prosody and ejabberd take part where they are
installed (apt install prosody ejabberd).
`

const main = async (): Promise<void> => {
  const { values: given, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      peers: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (given.help) {
    process.stdout.write(help)
    return
  }
  const [subject, ...others] = positionals
  if (others.length > 0 || (subject !== undefined && !Object.hasOwn(subjects, subject)))
    throw new Error(`found '${positionals.join(' ')}', allowed: one of ${Object.keys(subjects).join(', ')}`)
  const options = { ...(subject === undefined ? {} : subjects[subject]), ...given }
  const chosenParts = choice('--only', options.only, parts)
  const chosenPeers = choice('--peers', options.peers, Object.keys(peers))
  const effort = options.quick ? quickEffort : fullEffort
  assertMachine()

  const alone = {
    ...(chosenParts.includes('core') && measureCore(effort, text => progress(`core: ${text}`))),
    ...(chosenParts.includes('codec') && measureCodec(effort, text => progress(`codec: ${text}`))),
  }
  const results: Array<PeerResult> = []
  for (const name of chosenPeers) {
    const peer = peers[name]
    if (peer !== undefined) results.push(...(await measurePeer(peer, chosenParts, effort)))
  }
  progress('')
  print(alone, results)
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ alone, results }, null, 2)}\n`)
  process.exitCode = results.some(({ problems }) => problems.length > 0) ? 1 : 0
}

const choice = (option: string, text: string | undefined, allowed: ReadonlyArray<string>): ReadonlyArray<string> => {
  const chosen = text === undefined ? allowed : text.split(',')
  const unknown = chosen.find(name => !allowed.includes(name))
  if (unknown !== undefined) throw new Error(`${option} has '${unknown}'; allowed are ${allowed.join(', ')}`)
  return chosen
}

/** The load keeps to its core; servers are started on theirs. */
const assertMachine = (): void => {
  if (availableParallelism() < 2) throw new Error('the bench needs two cores')
  execFileSync('taskset', ['-a', '-c', '-p', String(loadCore), String(process.pid)])
}

const measurePeer = async (
  peer: Peer,
  chosen: ReadonlyArray<string>,
  effort: Effort,
): Promise<ReadonlyArray<PeerResult>> => {
  if (!['messages', 'sessions', 'journal'].some(part => chosen.includes(part))) return []
  const missing = peer.missing()
  if (missing !== undefined) {
    say(`${peer.name}: left out, ${missing}`)
    return []
  }
  let values: Readonly<Record<string, number>> = {}
  const problems: Array<string> = []
  for (const [part, measure] of [
    ['messages', measureMessages],
    ['sessions', measureSessions],
    ['journal', measureJournal],
  ] as const) {
    if (!chosen.includes(part)) continue
    try {
      values = { ...values, ...flat(await measure(peer, effort, text => progress(`${peer.name}: ${text}`))) }
    } catch (error) {
      problems.push(`${part}: ${error instanceof Error ? error.message : error}`)
    }
  }
  return [{ name: peer.name, settings: peer.settings, values, problems }]
}

/** `{ a: { b: 1 } }` as `{ 'a.b': 1 }`. */
const flat = (value: object, prefix = ''): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      typeof part === 'number' ? [[prefix + key, part]] : Object.entries(flat(part, `${prefix}${key}.`)),
    ),
  )

const print = (alone: Readonly<Record<string, number>>, results: ReadonlyArray<PeerResult>): void => {
  say(`\n${cpus()[0]?.model}, one core for each side, Node ${process.version}`)
  if (Object.keys(alone).length > 0) say(`\n${coreTable(alone)}`)
  if (results.length === 0) return
  say(
    '\n20 pairs, stream management at both ends, 100-byte bodies, windows of 100; each message exactly once, in order.',
  )
  say('"/ name": smacks, process beside it; above 1 is better.\n')
  say(peerTable(results, smacks('process').name))
  say('')
  for (const line of latencyLines(results)) say(line)
  for (const { name, settings, values, problems } of results) {
    const busy = values['saturated.loadBusy']
    const load = busy === undefined ? '' : `; the load was busy for ${Math.round(busy * 100)} % of its core`
    say(`${name}: ${settings}${load}`)
    for (const problem of problems) say(`  FAILED ${problem}`)
  }
}

/** What durability adds to the way of a message. */
const latencyLines = (results: ReadonlyArray<PeerResult>): ReadonlyArray<string> => {
  const base = results.find(({ name }) => name === smacks('memory').name)?.values
  const added = (values: PeerResult['values'], key: string): string =>
    `${((values[key] ?? Number.NaN) - (base?.[key] ?? Number.NaN)).toFixed(2)} ms`
  return results
    .filter(({ name, values }) => name.startsWith('smacks') && values !== base && base && 'single.p50' in values)
    .map(({ name, values }) => {
      const [single, steady, slow] = ['single.p50', 'steady.p50', 'steady.p99'].map(key => added(values, key))
      return `${name} adds to a message of memory: ${single} if it is alone (p50); at 2,000/s ${steady} (p50), ${slow} (p99)`
    })
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const isTerminal = process.stderr.isTTY === true

/** One line that is written over, or a line each. */
const progress = (text: string): void => {
  if (isTerminal) process.stderr.write(`\r\x1b[2K${text}`)
  else if (text !== '') process.stderr.write(`${text}\n`)
}

await main().catch(error => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
})
