import { defaultConfig } from '@smacks/core'
import { expect, test } from 'vitest'

test('the eight options of mod_smacks have its defaults', () => {
  expect(defaultConfig).toMatchObject({
    hibernationTime: 600,
    maxQueueSize: 500,
    enabledS2s: true,
    s2sResend: false,
    maxUnackedStanzas: 0,
    maxInactiveUnackedStanzas: 256,
    maxAckDelay: 30,
    maxOldSessions: 10,
  })
})
