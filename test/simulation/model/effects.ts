/** What the books say of each effect, in the order of the effects. */
import type { Stanza } from '@smacks/codec'
import type { ConnectionId, Effect, Nonza, StreamErrorCondition } from '@smacks/core'
import { otherSide } from '@smacks/testkit'
import type { Books, Judged } from './books.js'
import { outstanding, trueH } from './ledger.js'
import { checkFailure } from './resume.js'
import { disconnect, sessionOn, timerOf } from './side.js'

/** What an honest peer may be told when its stream is closed. Whatever else is said accuses it of a mistake. */
const errorsAllowed: ReadonlySet<StreamErrorCondition | undefined> = new Set([
  undefined,
  'conflict',
  'connection-timeout',
  'policy-violation',
  'resource-constraint',
  'system-shutdown',
] as const)

/** Takes an effect other than the end of a session and the disposition of a stanza. */
export const takeEffect = (books: Books, judged: Judged, effect: Effect<Stanza>): void => {
  const { known, fail } = judged
  switch (effect._tag) {
    case 'SendNonza':
      expectOpen(judged, effect.connection)
      return takeNonza(books, judged, effect.connection, effect.nonza)
    case 'SendStanza':
      expectOpen(judged, effect.connection)
      return takeStanza(judged, effect.connection, effect.facts.id ?? '')
    case 'CloseConnection':
      expectOpen(judged, effect.connection)
      if (!errorsAllowed.has(effect.error?.condition)) fail(`accuses the other: ${effect.error?.text}`)
      books.count(`closed: ${effect.error?.condition ?? 'cleanly'}`)
      return takeClose(judged, effect.connection)
    case 'DropConnection':
      expectOpen(judged, effect.connection)
      books.count('dropped')
      return takeClose(judged, effect.connection)
    case 'AdoptConnection': {
      const session = known.sessions.get(effect.resource) ?? fail(`resumes ${effect.resource}, which has no session`)
      session.connection = effect.connection
      session.since = undefined
      return
    }
    case 'Deliver':
      return takeDelivery(books, judged, effect.resource, String(effect.stanza.element.attrs.id))
    case 'ArmTimer':
      known.armed.set(timerOf(effect), effect)
      known.armings.push(effect)
      return
    case 'DisarmTimer':
      known.armed.delete(timerOf(effect))
  }
}

const expectOpen = ({ known, fail }: Judged, connection: ConnectionId): void => {
  if (known.closed.has(connection)) fail(`sends over ${connection}, which is closed`)
}

const takeClose = ({ known, event }: Judged, connection: ConnectionId): void => {
  known.closed.add(connection)
  const session = sessionOn(known, connection)
  if (session !== undefined) disconnect(session, event.at)
}

const takeNonza = (books: Books, judged: Judged, connection: ConnectionId, nonza: Nonza): void => {
  const { side, known, fail } = judged
  const session = sessionOn(known, connection)
  switch (nonza._tag) {
    case 'Enable':
    case 'Enabled': {
      if (session === undefined) return fail('enables what is not bound')
      const held = session.ledger === undefined ? [] : outstanding(session.ledger, side)
      session.ledger = books.ledgerOf(connection, nonza.version)
      if (nonza._tag === 'Enable') {
        session.ledger.sent[side].push(...held)
        session.negotiating = true
        return
      }
      session.counts = true
      if (nonza.id !== undefined) books.resumable.set(nonza.id, session.ledger)
      return
    }
    case 'Request':
      if (known.asked.has(connection)) fail(`asks a second time before ${connection} answered`)
      known.asked.add(connection)
      return
    case 'Ack':
    case 'Resume':
    case 'Resumed': {
      const ledger = session?.ledger ?? fail('states an h without having counted')
      if (nonza.h !== trueH(ledger, side)) fail(`says h=${nonza.h}, but handled ${trueH(ledger, side)}`)
      return
    }
    case 'Failed':
      return checkFailure(books, judged, nonza)
  }
}

const takeStanza = ({ side, known, fail }: Judged, connection: ConnectionId, id: string): void => {
  const session = sessionOn(known, connection) ?? fail(`sends ${id} over ${connection}, which is no session's`)
  if (session.resuming) fail(`sends ${id} before <resumed/> came`)
  if (session.negotiating) fail(`sends ${id} before <enabled/> came`)
  const { ledger } = session
  known.written.add(id)
  if (ledger === undefined ? !known.loose.has(id) : !outstanding(ledger, side).includes(id))
    fail(`sends ${id}, which is not to be sent`)
}

/** Handled is what was submitted, in order and once, as long as anybody counts. */
const takeDelivery = (books: Books, { side, known, fail }: Judged, resource: string, id: string): void => {
  const sender = otherSide(side)
  const session = known.sessions.get(resource) ?? fail(`handles ${id} for no session`)
  if (known.handled.has(id)) fail(`handles ${id} twice`)
  known.handled.add(id)
  books.count('handled')
  const { ledger, counts } = session
  if (ledger === undefined || !counts) {
    if (!books.sides[sender].loose.has(id)) fail(`handles ${id} without counting it`)
    return
  }
  const next = ledger.sent[sender][ledger.handled[sender]]
  if (next !== id) fail(`handles ${id}, but ${next ?? 'nothing'} is next`)
  ledger.handled[sender] += 1
}
