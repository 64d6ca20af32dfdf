/**
 * The books of one session with stream management, as somebody keeps them who sees both peers: lists in which nothing
 * wraps and nothing is ever taken off.
 */
import type { ConnectionId, SmVersion } from '@smacks/core'
import { otherSide, type Side } from '@smacks/testkit'

export interface Ledger {
  /** The connection on which it was enabled names it for both peers. */
  readonly enabledOn: ConnectionId
  readonly version: SmVersion
  /** What counters stood at when the books were opened. */
  readonly base: Readonly<Record<Side, number>>
  /** By sender: the stanzas of this session, in order. */
  readonly sent: Readonly<Record<Side, Array<string>>>
  /** By sender: how many of these the other peer handled. */
  readonly handled: Record<Side, number>
  /** By sender: how many of these it was told were handled. */
  readonly acked: Record<Side, number>
}

export const newLedger = (
  enabledOn: ConnectionId,
  version: SmVersion,
  base: Readonly<Record<Side, number>> = { client: 0, server: 0 },
): Ledger => ({
  enabledOn,
  version,
  base,
  sent: { client: [], server: [] },
  handled: { client: 0, server: 0 },
  acked: { client: 0, server: 0 },
})

const modulus = 2 ** 32

/** The `h` that this side says, if it says the truth. */
export const trueH = (ledger: Ledger, side: Side): number => {
  const sender = otherSide(side)
  return (ledger.base[sender] + ledger.handled[sender]) % modulus
}

/** The `h` of the other side was told to `sender`. */
export const takeH = (ledger: Ledger, sender: Side, h: number): void => {
  const before = ledger.base[sender] + ledger.acked[sender]
  const newly = (((h - before) % modulus) + modulus) % modulus
  const acked = ledger.acked[sender] + newly
  if (acked > ledger.handled[sender])
    throw new Error(
      `the ${sender} takes h=${h}, which is ${acked} stanzas, for an ack; it sent ${ledger.sent[sender].length}, and ${ledger.handled[sender]} were handled`,
    )
  ledger.acked[sender] = acked
}

/** What the sender must still keep. */
export const outstanding = (ledger: Ledger, sender: Side): ReadonlyArray<string> =>
  ledger.sent[sender].slice(ledger.acked[sender])
