/**
 * A message that several sessions were given has one disposition over all its copies: some session acked it, or it was settled
 * (stored, returned, routed anew) once, when nobody had it any more.
 */
import { type Effect, sessionOf, toArray } from '@smacks/core'
import { expect } from 'vitest'
import type { Step } from './model.js'

interface Group {
  /** The copies that count, by their names. */
  readonly copies: ReadonlyArray<string>
  /** Written where nobody counts: delivered, unless that line was lost. */
  readonly written: ReadonlyArray<string>
  acked: boolean
  settled: number
}

export const createShared = () => {
  const groups: Array<Group> = []

  /** `settled` are all copies that were acked or have a disposition, as of this step. */
  const check = (step: Step, settled: ReadonlySet<string>): void => {
    begin(step)
    const waiting = new Set(
      step.after.sessions.flatMap(one => ('outbound' in one ? namesIn(one.outbound.unacked) : [])),
    )
    for (const group of groups) checkGroup(group, step, waiting, settled)
  }

  const begin = ({ before, event }: Step): void => {
    if (event._tag !== 'MessageSubmitted') return
    const phaseOf = (resource: string) => sessionOf(before, resource)?._tag
    const present = event.recipients.filter(({ resource }) => phaseOf(resource) !== undefined)
    const isWritten = ({ resource }: { readonly resource: string }) => phaseOf(resource) === 'Unmanaged'
    // Without a session it was given to nobody; that is a disposition of its own.
    if (present.length === 0) return
    groups.push({
      copies: present.filter(one => !isWritten(one)).map(({ stanza }) => stanza),
      written: present.filter(isWritten).map(({ stanza }) => stanza),
      acked: false,
      settled: 0,
    })
  }

  const checkGroup = (
    group: Group,
    { effects }: Step,
    waiting: ReadonlySet<string>,
    settled: ReadonlySet<string>,
  ): void => {
    const dispositions = effects
      .filter(effect => 'stanza' in effect && group.copies.includes(effect.stanza))
      .filter(isDisposition)
    const discards = effects.filter(effect => effect._tag === 'Discard' && group.copies.includes(effect.stanza))
    const left = group.copies.filter(copy => waiting.has(copy))
    const mentioned = [...dispositions, ...discards].map(effect => ('stanza' in effect ? effect.stanza : ''))
    for (const copy of group.copies) {
      if (known.has(copy) || waiting.has(copy)) continue
      known.add(copy)
      expect(settled.has(copy)).toBe(true)
      if (!mentioned.includes(copy)) group.acked = true
    }
    group.settled += dispositions.length
    expect(group.settled).toBeLessThanOrEqual(1)
    // Who acked it, or has it still, has it.
    if (dispositions.length > 0) expect({ acked: group.acked, left }).toEqual({ acked: false, left: [] })
    if (group.copies.length > 0 && left.length === 0 && group.written.length === 0)
      expect(group.acked || group.settled === 1).toBe(true)
    for (const effect of discards)
      if (effect._tag === 'Discard' && effect.reason === 'delivered')
        expect(group.acked || group.written.length > 0).toBe(true)
  }

  const known = new Set<string>()
  return { check }
}

const namesIn = (queue: Parameters<typeof toArray<{ readonly stanza: string }>>[0]): ReadonlyArray<string> =>
  toArray(queue).map(({ stanza }) => stanza)

const isDisposition = ({ _tag }: Effect<string>): boolean =>
  _tag === 'StoreOffline' || _tag === 'ReturnToSender' || _tag === 'Redeliver'
