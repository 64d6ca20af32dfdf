/** Elements of dialback that make no sense, or come from whom nobody asked: they end the stream. */
import { test } from 'vitest'
import { onGround, ours } from './ground.js'
import { honest, withAuthority } from './keys.js'

const ground = onGround({ authentication: 'either', connect_timeout_seconds: 20 })

test.each([
  ['a valid result', (domain: string) => `<db:result from='${domain}' to='${ours}' type='valid'/>`],
  ['a valid result of ours', (domain: string) => `<db:result from='${ours}' to='${domain}' type='valid'/>`],
  ['a valid verification', (domain: string) => `<db:verify from='${domain}' to='${ours}' id='x' type='valid'/>`],
  ['an invalid verification', (domain: string) => `<db:verify from='${domain}' to='${ours}' id='x' type='invalid'/>`],
])('%s that nobody asked for ends the stream', async (_, answer) => {
  const peer = await honest(ground())
  peer.sendRaw(answer(peer.from))
  peer.message(ground().witness.jid, 'let me in')
  await peer.expectStreamError('unsupported-stanza-type')
})

test('nobody answers the question about themselves on their own stream', async () => {
  const peer = await withAuthority(ground(), () => async line => void (await line.expectLost()))
  const { from, streamId } = peer
  peer.sendKey('forged')
  peer.sendRaw(`<db:verify from='${from}' to='${ours}' id='${streamId}' type='valid'/>`)
  peer.message(ground().witness.jid, 'let me in')
  await peer.expectStreamError('unsupported-stanza-type')
})

const long = 'x'.repeat(2_000)
test.each([
  ['no key', "<db:result from='FROM' to='TO'/>", 'bad-format'],
  ['a key of blanks', "<db:result from='FROM' to='TO'>  </db:result>", 'bad-format'],
  ['a key without end', `<db:result from='FROM' to='TO'>${long}</db:result>`, 'bad-format'],
  ['no from', "<db:result to='TO'>key</db:result>", 'improper-addressing'],
  ['no to', "<db:result from='FROM'>key</db:result>", 'improper-addressing'],
  ['somebody as from', "<db:result from='x@FROM' to='TO'>key</db:result>", 'improper-addressing'],
  ['a resource as to', "<db:result from='FROM' to='TO/x'>key</db:result>", 'improper-addressing'],
  ['an address that is none', "<db:result from='@' to='TO'>key</db:result>", 'improper-addressing'],
  ['a type that there is not', "<db:result from='FROM' to='TO' type='maybe'>key</db:result>", 'bad-format'],
  ['no id', "<db:verify from='FROM' to='TO'>key</db:verify>", 'bad-format'],
  ['an id without end', `<db:verify from='FROM' to='TO' id='${long}'>key</db:verify>`, 'bad-format'],
  ['a question without a key', "<db:verify from='FROM' to='TO' id='x'/>", 'bad-format'],
  ['a name that there is not', "<db:surprise from='FROM' to='TO'>key</db:surprise>", 'unsupported-stanza-type'],
  ['another namespace', "<result xmlns='jabber:server' from='FROM' to='TO'>key</result>", 'unsupported-stanza-type'],
])('%s ends the stream', async (_, element, condition) => {
  const peer = await honest(ground())
  peer.sendRaw(element.replace('FROM', peer.from).replace('TO', ours))
  peer.message(ground().witness.jid, 'let me in')
  await peer.expectStreamError(condition)
})
