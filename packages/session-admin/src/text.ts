/** Sessions for people: a table of many, and all that is known of one. */
import type { SessionDetail, SessionRow, WaitingStanza } from './session-json.js'

/** A line of headings, and one for each session. `now`: milliseconds since 1970. */
export const rowLines = (rows: ReadonlyArray<SessionRow>, now: number): ReadonlyArray<string> => {
  const cells = [
    ['SESSION', 'PHASE', 'LINE', 'ADDRESS', 'FOR', 'UNACKED', 'OLDEST'],
    ...rows.map(row => [
      `${row.account}/${row.resource}`,
      row.phase,
      row.transport ?? '-',
      row.address ?? '-',
      row.since === undefined ? '-' : duration((now - Date.parse(row.since)) / 1000),
      String(row.unacked),
      row.oldestUnackedSeconds === undefined ? '-' : duration(row.oldestUnackedSeconds),
    ]),
  ].map(line => line.map(visible))
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map(line => line[column]?.length ?? 0))) ?? []
  return cells.map(line =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** A line for each thing that is known. */
export const detailLines = (detail: SessionDetail, now: number): ReadonlyArray<string> =>
  [
    `${detail.account}/${detail.resource}`,
    ...fields([
      ['phase', phaseOf(detail, now)],
      ['line', lineOf(detail)],
      ['stream management', managementOf(detail)],
      ['resumable', detail.resumableSeconds === undefined ? undefined : `for ${duration(detail.resumableSeconds)}`],
      ['client', clientOf(detail)],
      ['counters', countersOf(detail)],
      ['queue', queueOf(detail)],
      ...(detail.queue?.oldest ?? []).map(one => ['', stanzaOf(one)] as const),
      ...Object.entries(detail.deadlines ?? {}).map(([timer, due]) => [`${timer} due`, due] as const),
      ...Object.entries(detail.limits).map(([name, value]) => [name, String(value)] as const),
    ]),
  ].map(visible)

const fields = (all: ReadonlyArray<readonly [name: string, value: string | undefined]>): ReadonlyArray<string> =>
  all.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(nameWidth)} ${value}`]))

/** As wide as the longest name of an option. */
const nameWidth = 29

const phaseOf = ({ phase, since }: SessionDetail, now: number): string =>
  since === undefined ? phase : `${phase}, for ${duration((now - Date.parse(since)) / 1000)}, since ${since}`

const lineOf = ({ address, connection, transport }: SessionDetail): string | undefined =>
  connection && [connection, transport, address].filter(Boolean).join(', ')

const managementOf = ({ role, streamManagement }: SessionDetail): string =>
  streamManagement === undefined
    ? 'no: what is sent is not acked'
    : `${streamManagement}${role === undefined ? '' : `, ${role}`}`

const clientOf = ({ ackRequested, client, usesArchive }: SessionDetail): string | undefined =>
  client &&
  [client, ...(ackRequested ? ['an <r/> is unanswered'] : []), ...(usesArchive ? ['uses its archive'] : [])].join(', ')

const countersOf = ({ counters }: SessionDetail): string | undefined =>
  counters &&
  `sent ${counters.sent}, acked ${counters.acked}${counters.handled === undefined ? '' : `, handled ${counters.handled}`}`

const queueOf = ({ oldestUnackedSeconds, queue }: SessionDetail): string | undefined =>
  queue &&
  [
    `${queue.stanzas} unacked`,
    ...(queue.bytes === undefined ? [] : [`at most ${queue.bytes} bytes`]),
    ...(queue.inStorage === 0 ? [] : [`${queue.inStorage} in storage`]),
    ...(queue.unsent === 0 ? [] : [`${queue.unsent} not sent yet`]),
    ...(oldestUnackedSeconds === undefined ? [] : [`the oldest for ${duration(oldestUnackedSeconds)}`]),
  ].join(', ')

const stanzaOf = ({ at, from, id, name, to, type }: WaitingStanza): string =>
  [
    `${at}  ${name}`,
    ...(id === undefined ? [] : [id]),
    `(${type})`,
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(to === undefined ? [] : [`to ${to}`]),
  ].join(' ')

/** Such as `45 s`, `3 min 20 s`, `5 h 1 min`, `2 d 3 h`. */
const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds))
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ]
  if (days > 0) return `${days} d ${hours} h`
  if (hours > 0) return `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`
}

/** What a peer chose may hold control characters, which would command the terminal. */
const visible = (text: string): string =>
  text.replace(/\p{Cc}/gu, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
