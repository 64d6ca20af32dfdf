/** One user's stanza, whatever it is, costs nobody else anything who shares the link: it counts, and its sender is told. */
import { describe, expect, test } from 'vitest'
import { bodyOf, child, show, type Xml } from '../../support/xml.js'
import { nsSm3 } from '../../support/xmpp-line.js'
import { type Called, conditionIn, offers } from './elsewhere.js'
import { certificateOf, onGround, ours } from './ground.js'
import { nsSasl, type Peer } from './peer.js'

const ground = onGround({ authentication: 'either', connect_timeout_seconds: 20 })

const nested = '<a>'.repeat(70) + '</a>'.repeat(70)
const attributes = Array.from({ length: 70 }, (_, i) => ` a${i}='${i}'`).join('')

interface Row {
  readonly what: string
  readonly inside?: string
  readonly more?: string
  readonly from?: string
  readonly to?: string
  readonly condition: string
}

const rows: ReadonlyArray<Row> = [
  { what: 'nested 70 deep', inside: nested, condition: 'policy-violation' },
  { what: 'of 70 attributes', more: attributes, condition: 'policy-violation' },
  { what: 'whose child has the namespace "urn:x y"', inside: "<x xmlns='urn:x y'/>", condition: 'policy-violation' },
  { what: 'of 600 kB', inside: `<body>${'x'.repeat(600_000)}</body>`, condition: 'policy-violation' },
  { what: 'to what is no address here', to: `user 1@${ours}`, condition: 'jid-malformed' },
  { what: 'to a user without a name', to: `@${ours}`, condition: 'jid-malformed' },
  { what: 'from what is an address for its server alone', from: '\u2665@DOMAIN/x', condition: 'jid-malformed' },
]

/** A stream that has stream management, and where what our server sends to its domain comes. */
const linked = async (): Promise<{ peer: Peer; answers: () => Promise<Called> }> => {
  const domain = ground().stranger()
  const certificate = await certificateOf(domain)
  const lines: Array<Called> = []
  ground().elsewhere.plays(domain, async line => {
    await line.welcome(domain, certificate, offers.external)
    await line.expect('auth')
    line.restart()
    line.sendRaw(`<success xmlns='${nsSasl}'/>`)
    await line.opened()
    line.openAs(domain, 'answers')
    line.features('')
    lines.push(line)
  })
  const peer = await ground().peer(domain, { to: ours, certificate })
  await peer.certified()
  peer.send(`<enable xmlns='${nsSm3}'/>`)
  await peer.expect('enabled')
  return {
    peer,
    answers: async () => {
      const deadline = Date.now() + 10_000
      while (lines[0] === undefined && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 20))
      if (lines[0] === undefined) throw new Error('our server made no stream for its answer')
      return lines[0]
    },
  }
}

const handled = async (peer: Peer): Promise<string | undefined> => {
  peer.send(`<r xmlns='${nsSm3}'/>`)
  return (await peer.expect('a')).attrs.h
}

describe.each(rows)('a message $what', ({ inside = '<body>x</body>', more = '', from, to, condition }) => {
  test('is answered and counted, and what others say around it arrives', async () => {
    const { witness } = ground()
    const { peer, answers } = await linked()
    const sender = from?.replace('DOMAIN', peer.from) ?? `mallory@${peer.from}/den`
    peer.message(witness.jid, 'before', `bystander@${peer.from}/x`)
    peer.sendRaw(`<message type='chat' id='big' from='${sender}' to='${to ?? witness.jid}'${more}>${inside}</message>`)
    peer.message(witness.jid, 'after', `bystander@${peer.from}/x`)
    expect(bodyOf(await witness.expect('message'))).toBe('before')
    expect(bodyOf(await witness.expect('message'))).toBe('after')
    expect(await handled(peer)).toBe('3')
    const error: Xml = await (await answers()).expect('message')
    expect(error.attrs, show(error)).toMatchObject({ type: 'error', id: 'big', to: sender, from: to ?? witness.jid })
    expect(conditionIn(error)).toBe(condition)
    expect(child(error, 'error')?.attrs.type).toBe('modify')
  })
})

test('a stanza beyond a limit may be the first of its stream', async () => {
  const { witness } = ground()
  const domain = ground().stranger()
  const peer = await ground().peer(domain, { to: ours, certificate: await certificateOf(domain) })
  await peer.certified()
  peer.sendRaw(`<message type='error' from='m@${domain}/x' to='${witness.jid}'>${nested}</message>`)
  peer.message(witness.jid, 'after')
  expect(bodyOf(await witness.expect('message'))).toBe('after')
})

test('before it has shown who it is, a server may not send one', async () => {
  const domain = ground().stranger()
  const peer = await ground().peer(domain, { to: ours, certificate: await certificateOf(domain) })
  await peer.encrypted()
  peer.sendRaw(`<message from='m@${domain}/x' to='${ground().witness.jid}'>${nested}</message>`)
  await peer.expectStreamError('policy-violation')
})
