/** Why a session ended, as JSON. */
import type { EndReason } from '@smacks/core'
import { type JsonCodec, word } from './plain.js'

export const endReasons: Readonly<Record<EndReason, true>> = {
  closed: true,
  evicted: true,
  expired: true,
  failed: true,
  lost: true,
  refused: true,
  'remote-server-not-found': true,
  'remote-server-timeout': true,
  replaced: true,
  stopped: true,
}

export const endReason: JsonCodec<EndReason> = word<EndReason>(endReasons)
