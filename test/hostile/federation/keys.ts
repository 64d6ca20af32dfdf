/** Keys of dialback, authorities that know them, and others. */
import { createHmac, randomBytes } from 'node:crypto'
import { answerTo, authoritative, offers, type Play } from './elsewhere.js'
import { certificateOf, type Ground, ours } from './ground.js'
import type { Peer } from './peer.js'

const secret = randomBytes(32)
/** The key that the domains of these tests make for a stream. */
export const keyOf = (id: string): string => createHmac('sha256', secret).update(id).digest('hex')

/** A domain with an authority that knows its keys, and a stream from it inside TLS. */
export const honest = async (ground: Ground, to = ours): Promise<Peer> => {
  const domain = ground.stranger()
  const certificate = await certificateOf(domain)
  ground.elsewhere.plays(
    domain,
    authoritative(domain, certificate, (id, key) => (key === keyOf(id) ? 'valid' : 'invalid')),
  )
  const peer = await ground.peer(domain, { to })
  await peer.encrypted()
  return peer
}

/** A stream from a domain whose authority does this. */
export const withAuthority = async (ground: Ground, play: (domain: string) => Play): Promise<Peer> => {
  const domain = ground.stranger()
  ground.elsewhere.plays(domain, play(domain))
  const peer = await ground.peer(domain)
  await peer.encrypted()
  return peer
}

/** An authority that says `valid`, but not quite as it should. */
export const answering =
  (
    changed: Readonly<Record<string, string>>,
    name: 'result' | 'verify' = 'verify',
    type = 'valid',
  ): ((domain: string) => Play) =>
  domain =>
  async line => {
    await line.welcome(domain, await certificateOf(domain), offers.dialback)
    const question = await line.expect('verify')
    const { from = '', to = '', id = '' } = question.attrs
    const attributes = { from: to, to: from, id, type, ...changed }
    const text = Object.entries(attributes).map(([key, value]) => ` ${key}='${value}'`)
    line.sendRaw(`<db:${name}${text.join('')}/>`)
    await line.expectStreamError('unsupported-stanza-type')
  }

/** An authority that is asked, and answers when it is told to. */
export const hesitant = (): {
  readonly play: (domain: string) => Play
  readonly questioned: Promise<void>
  readonly release: (said: string) => void
} => {
  let asked = (): void => {}
  let release: (said: string) => void = () => {}
  const questioned = new Promise<void>(resolve => {
    asked = resolve
  })
  const released = new Promise<string>(resolve => {
    release = resolve
  })
  return {
    play: domain => async line => {
      await line.welcome(domain, await certificateOf(domain), offers.dialback)
      const question = await line.expect('verify')
      asked()
      line.sendRaw(answerTo(question, await released))
    },
    questioned,
    release: said => release(said),
  }
}
