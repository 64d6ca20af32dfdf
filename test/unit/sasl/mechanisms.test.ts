import type { ChannelBindingType } from '@smacks/stream'
import { describe, expect, test } from 'vitest'
import { createDerivations } from '../../../packages/sasl/src/derivation.js'
import { createSasl } from '../../../packages/sasl/src/sasl.js'
import { credentialsOf, freely } from './credentials.js'

const credentials = credentialsOf({ 'romeo@example.org': { password: 'pencil' } })
const derivations = createDerivations({ waiting: 0 })
const sasl = createSasl({ credentials, derivations })

const stream = (secure: boolean, ...types: ReadonlyArray<ChannelBindingType>) => ({
  ...freely,
  domain: 'example.org',
  secure,
  channelBinding: (type: ChannelBindingType) => (types.includes(type) ? Buffer.from(type) : undefined),
})
const tls12 = stream(true, 'tls-unique', 'tls-server-end-point')
const tls13 = stream(true, 'tls-unique', 'tls-exporter', 'tls-server-end-point')
const withoutPlus = ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN']
const all = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS', ...withoutPlus]

describe('what is offered', () => {
  test('strongest first, under TLS', () => {
    expect(sasl.mechanisms(tls12)).toEqual(all)
    expect(sasl.mechanisms(tls13)).toEqual(all)
  })

  test('no -PLUS where what clients send cannot be checked', () => {
    const blind = stream(true, 'tls-exporter', 'tls-server-end-point')
    expect(sasl.mechanisms(blind)).toEqual(withoutPlus)
    expect(sasl.channelBindings(blind)).toEqual([])
    expect(sasl.mechanisms(stream(true))).toEqual(withoutPlus)
  })

  test('no password and no -PLUS without TLS', () => {
    const plain = stream(false, 'tls-unique')
    expect(sasl.mechanisms(plain)).toEqual(['SCRAM-SHA-256', 'SCRAM-SHA-1'])
    expect(sasl.channelBindings(plain)).toEqual([])
  })

  test('PLAIN without TLS only by option', () =>
    expect(createSasl({ credentials, derivations, allowPlainInsecure: true }).mechanisms(stream(false))).toEqual(
      withoutPlus,
    ))

  test('tls-unique is advertised up to TLS 1.2, tls-exporter from 1.3', () => {
    expect(sasl.channelBindings(tls12)).toEqual(['tls-unique', 'tls-server-end-point'])
    expect(sasl.channelBindings(tls13)).toEqual(['tls-exporter', 'tls-server-end-point'])
  })
})

test('nothing starts that was not offered', () => {
  expect(sasl.start('PLAIN', { ...tls12, advertised: ['SCRAM-SHA-1'] })).toBeUndefined()
  expect(sasl.start('X-MAGIC', { ...tls12, advertised: ['X-MAGIC'] })).toBeUndefined()
  expect(sasl.start('scram-sha-1', { ...tls12, advertised: all })).toBeUndefined()
})

test('two exchanges have two nonces', async () => {
  const nonce = async () => {
    const step = await sasl.start('SCRAM-SHA-1', { ...tls12, advertised: all })?.next(Buffer.from('n,,n=romeo,r=x'))
    return step?._tag === 'Challenge' ? Buffer.from(step.data).toString().split(',')[0] : undefined
  }
  expect(await nonce()).toMatch(/^r=x.{24}$/)
  expect(await nonce()).not.toBe(await nonce())
})
