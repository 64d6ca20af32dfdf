/** The core's configuration as JSON. */
import { type Config, defaultConfig } from '@smacks/core'
import { orElse } from './field.js'
import { count, flag, type JsonCodec, seconds } from './plain.js'
import { record } from './record.js'

/**
 * All keys are written; those that are absent take the value of `defaultConfig`, or stand for what was decided before there
 * was such a key.
 */
export const configCodec: JsonCodec<Config> = record<Config>('a configuration', {
  hibernationTime: orElse(seconds, defaultConfig.hibernationTime),
  maxQueueSize: orElse(count, defaultConfig.maxQueueSize),
  enabledS2s: orElse(flag, defaultConfig.enabledS2s),
  s2sResend: orElse(flag, defaultConfig.s2sResend),
  maxUnackedStanzas: orElse(count, defaultConfig.maxUnackedStanzas),
  maxInactiveUnackedStanzas: orElse(count, defaultConfig.maxInactiveUnackedStanzas),
  maxAckDelay: orElse(seconds, defaultConfig.maxAckDelay),
  maxOldSessions: orElse(count, defaultConfig.maxOldSessions),
  offlineStorage: orElse(flag, defaultConfig.offlineStorage),
  queueStorage: orElse(flag, defaultConfig.queueStorage),
  maxHibernatingSessions: orElse(count, defaultConfig.maxHibernatingSessions),
  probeTimeout: orElse(seconds, defaultConfig.probeTimeout),
  requestHold: orElse(seconds, defaultConfig.requestHold),
  queueCeiling: orElse(count, defaultConfig.queueCeiling),
  maxQueueBytes: orElse(count, defaultConfig.maxQueueBytes),
  maxAccountQueueBytes: orElse(count, defaultConfig.maxAccountQueueBytes),
  maxQueueBytesInMemory: orElse(count, defaultConfig.maxQueueBytesInMemory),
  // Before there were these keys all did so.
  acksCoverSentOnly: orElse(flag, false),
  limitsAlwaysHold: orElse(flag, false),
  rememberBroken: orElse(flag, false),
})
