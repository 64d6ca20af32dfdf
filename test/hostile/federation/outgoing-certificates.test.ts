/** Our server as the one that calls, where only certificates count: nothing leaves for who has none, or wants none. */
import { beforeAll, describe, test } from 'vitest'
import { createAuthority } from '../../support/authority.js'
import { authority } from '../../support/federation/neighbour.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { offers } from './elsewhere.js'
import { certificateOf, onGround } from './ground.js'
import { nsSasl, type Shown } from './peer.js'
import { expectReturned, impatient, type Row, refusedWith } from './returned.js'

const day = 24 * 60 * 60 * 1000

describe('where a certificate is wanted', () => {
  const ground = onGround({ authentication: 'external', ...impatient })
  let sender: XmppClient
  beforeAll(async () => {
    sender = await ground().house.online(ground().house.person())
  })

  /** Shows this instead of its certificate, and asks for ours. */
  const showing =
    (shown: (domain: string) => Promise<Shown>): Row[1] =>
    domain =>
    async line => {
      await line.welcome(domain, await shown(domain), offers.external + offers.dialback)
      await refusedWith('not-authorized')(line)
    }

  test('nothing is sent to who has none, or asks for none, and the sender is told once', async () => {
    await expectReturned(
      ground(),
      sender,
      [
        ['a certificate of another domain', showing(() => certificateOf('other.example'))],
        ['a certificate of nobody', showing(() => certificateOf())],
        [
          'a certificate that has expired',
          showing(async domain =>
            (await authority()).issue({
              names: [{ dns: domain }],
              from: new Date(Date.now() - 2 * day),
              until: new Date(Date.now() - day),
            }),
          ),
        ],
        [
          'a certificate of an authority that is not known',
          showing(async domain => (await createAuthority('Somebody')).issue({ names: [{ dns: domain }] })),
        ],
        [
          'no question for our certificate',
          (domain, certificate) => async line => {
            await line.welcome(domain, certificate, offers.dialback)
            await refusedWith('not-authorized')(line)
          },
        ],
        [
          'a refusal of our certificate',
          (domain, certificate) => async line => {
            await line.welcome(domain, certificate, offers.external + offers.dialback)
            await line.expect('auth')
            line.sendRaw(`<failure xmlns='${nsSasl}'><not-authorized/></failure>`)
            await refusedWith('not-authorized')(line)
          },
        ],
        [
          'a challenge',
          (domain, certificate) => async line => {
            await line.welcome(domain, certificate, offers.external)
            await line.expect('auth')
            line.sendRaw(`<challenge xmlns='${nsSasl}'>=</challenge>`)
            await refusedWith('not-authorized')(line)
          },
        ],
        [
          'an end behind our certificate',
          (domain, certificate) => async line => {
            await line.welcome(domain, certificate, offers.external)
            await line.expect('auth')
            line.restart()
            line.sendRaw(`<success xmlns='${nsSasl}'/>`)
            await line.opened()
            line.reset()
          },
        ],
      ],
      'remote-server-timeout',
    )
  })
})
