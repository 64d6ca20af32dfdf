/** What is offered at each stage (RFC 6120 §4.3.2). */
import { describe, expect, test } from 'vitest'
import { type FeatureStage, featuresAt } from '../../../packages/stream-c2s/src/features.js'
import { clientElement } from './steps.js'

const names = (stage: FeatureStage): string =>
  clientElement(`<features>${featuresAt(stage)}</features>`)
    .getChildElements()
    .map(child => child.getName())
    .join(' ')
const sasl = { mechanisms: ['PLAIN', 'A&B'], channelBindings: [] }

test.each<[string, FeatureStage, string]>([
  ['TLS first', { _tag: 'Unauthenticated', isSecure: false, sasl: undefined }, 'starttls'],
  ['loopback', { _tag: 'Unauthenticated', isSecure: false, sasl }, 'starttls mechanisms'],
  ['inside TLS', { _tag: 'Unauthenticated', isSecure: true, sasl }, 'mechanisms authentication'],
  [
    'channel bindings',
    { _tag: 'Unauthenticated', isSecure: true, sasl: { ...sasl, channelBindings: ['tls-exporter'] } },
    'mechanisms authentication sasl-channel-binding',
  ],
  [
    'no mechanism',
    { _tag: 'Unauthenticated', isSecure: true, sasl: { mechanisms: [], channelBindings: ['tls-exporter'] } },
    '',
  ],
  ['authenticated', { _tag: 'Authenticated' }, 'bind session sm sm csi ver sub'],
  ['bound', { _tag: 'Bound', isManaged: false }, 'sm sm csi ver sub'],
  ['managed', { _tag: 'Bound', isManaged: true }, 'csi ver sub'],
])('%s', (_, stage, expected) => expect(names(stage)).toBe(expected))

describe('STARTTLS', () => {
  const offer = (offered: typeof sasl | undefined) =>
    featuresAt({ _tag: 'Unauthenticated', isSecure: false, sasl: offered })
  test('is required where nothing else is offered', () => {
    expect(offer(undefined)).toContain('<required/>')
    expect(offer(sasl)).not.toContain('<required/>')
  })
})
