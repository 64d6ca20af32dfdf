/**
 * Our server as the one that calls, and servers that are not as they should be at the other end: nothing leaves that
 * should not, the sender is told once, and what they say to us on our own stream does not count.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { bodyOf } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { nsSm3 } from '../../support/xmpp-line.js'
import { answerTo, type Called, offers } from './elsewhere.js'
import { certificateOf, chat, onGround } from './ground.js'
import { nsSasl, nsTls, type Shown } from './peer.js'
import { expectReturned, impatient, type Row, refusedWith } from './returned.js'

describe('where dialback is enough', () => {
  const ground = onGround({ authentication: 'either', ...impatient })
  let sender: XmppClient
  beforeAll(async () => {
    sender = await ground().house.online(ground().house.person())
  })

  /** Up to our key, and then this. */
  const toldOurKey =
    (then: (line: Called, domain: string, ourDomain: string) => Promise<void> | void): Row[1] =>
    (domain, certificate) =>
    async line => {
      await line.welcome(domain, certificate, offers.dialback)
      const { from = '' } = (await line.expect('result')).attrs
      await then(line, domain, from)
    }

  const saying = (what: string, condition: string): Row[1] =>
    toldOurKey(async (line, domain, ourDomain) => {
      line.sendRaw(what.replace('THEM', domain).replace('US', ourDomain))
      await line.expectStreamError(condition)
    })

  /** Hangs up at a stage. */
  const stages: ReadonlyArray<
    readonly [stage: string, reach: (line: Called, domain: string, shown: Shown) => Promise<void>]
  > = [
    ['at once', async () => {}],
    ['behind the header', async (line, domain) => line.openAs(domain, 'id')],
    [
      'behind the features',
      async (line, domain) => {
        line.openAs(domain, 'id')
        line.features(offers.tls)
        await line.expect('starttls')
      },
    ],
    [
      'in the handshake of TLS',
      async (line, domain) => {
        line.openAs(domain, 'id')
        line.features(offers.tls)
        await line.expect('starttls')
        line.sendRaw(`<proceed xmlns='${nsTls}'/>`)
      },
    ],
    [
      'inside of TLS',
      async (line, domain, shown) => {
        line.openAs(domain, 'id')
        line.features(offers.tls)
        await line.shake(shown)
      },
    ],
    [
      'at our key',
      async (line, domain, shown) => {
        await line.welcome(domain, shown, offers.dialback)
        await line.expect('result')
      },
    ],
  ]

  test('who cannot be talked to gets nothing, and the sender is told once', async () => {
    const rows: ReadonlyArray<Row> = [
      [
        'offers no TLS',
        domain => async line => {
          line.openAs(domain, 'id')
          line.features(offers.dialback)
          await refusedWith('not-authorized')(line)
        },
      ],
      [
        'refuses TLS',
        domain => async line => {
          line.openAs(domain, 'id')
          line.features(offers.tls)
          await line.expect('starttls')
          line.sendRaw(`<failure xmlns='${nsTls}'/>`)
          await refusedWith('not-authorized')(line)
        },
      ],
      [
        'puts words behind <proceed/>',
        domain => async line => {
          line.openAs(domain, 'id')
          line.features(offers.tls)
          await line.expect('starttls')
          line.sendRaw(`<proceed xmlns='${nsTls}'/><stream:features/>`)
          await refusedWith('policy-violation')(line)
        },
      ],
      [
        'speaks as to clients',
        domain => async line => {
          line.openAs(domain, 'id', { xmlns: 'jabber:client' })
          await refusedWith('unsupported-version')(line)
        },
      ],
      ['never says a word', () => () => Promise.resolve()],
      ['offers nothing, and says no more', (domain, shown) => line => line.welcome(domain, shown, '')],
      [
        'never ends its features',
        domain => async line => {
          line.openAs(domain, 'id')
          line.sendRaw(`<stream:features><x>${'x'.repeat(1024 * 1024)}`)
          await refusedWith('policy-violation')(line)
        },
      ],
      [
        'has always more features',
        (domain, shown) => async line => {
          await line.welcome(domain, shown, offers.dialback)
          for (let n = 0; n < 150; n += 1) line.features(offers.dialback)
          let last = await line.element()
          while (last.name === 'result') last = await line.element()
          expect(last.children[0]?.name).toBe('policy-violation')
        },
      ],
      ['says that our key is invalid', saying("<db:result from='THEM' to='US' type='invalid'/>", 'not-authorized')],
      [
        'does not take our key',
        toldOurKey(async (line, domain, ourDomain) => {
          line.sendRaw(
            answerTo(
              { name: 'result', ns: '', attrs: { from: ourDomain, to: domain }, children: [], text: '' },
              'error not-acceptable',
            ),
          )
          await refusedWith('not-authorized')(line)
        }),
      ],
      [
        'takes the key of another domain',
        saying("<db:result from='THEM' to='other.example' type='valid'/>", 'unsupported-stanza-type'),
      ],
      [
        'takes our key for another domain',
        saying("<db:result from='other.example' to='US' type='valid'/>", 'unsupported-stanza-type'),
      ],
      [
        'verifies what nobody asked for',
        saying("<db:verify from='THEM' to='US' id='x' type='valid'/>", 'unsupported-stanza-type'),
      ],
      ['shows a key itself', saying("<db:result from='THEM' to='US'>key</db:result>", 'unsupported-stanza-type')],
      ['answers with EXTERNAL', saying(`<success xmlns='${nsSasl}'/>`, 'unsupported-stanza-type')],
      [
        'sends stanzas instead of an answer',
        toldOurKey(async (line, domain) => {
          line.sendRaw(`<message from='x@${domain}' to='${ground().witness.jid}'><body>psst</body></message>`)
          await refusedWith('unsupported-stanza-type')(line)
        }),
      ],
      [
        'ends with an error',
        toldOurKey(async line => {
          line.sendRaw(
            "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
          )
          await line.expectEnd()
        }),
      ],
      ...stages.flatMap(
        ([stage, reach]): ReadonlyArray<Row> => [
          [
            `hangs up ${stage}`,
            (domain, shown) => async line => {
              await reach(line, domain, shown)
              line.reset()
            },
          ],
          [
            `ends the stream ${stage}`,
            (domain, shown) => async line => {
              await reach(line, domain, shown)
              line.sendRaw('</stream:stream>')
            },
          ],
        ],
      ),
    ]
    await expectReturned(ground(), sender, rows, 'remote-server-timeout')
  })

  test('what is said on our own stream once it stands does not count', async () => {
    const { witness, stranger, elsewhere } = ground()
    const domain = stranger()
    const certificate = await certificateOf(domain)
    const refused = new Promise<string | undefined>((resolve, reject) => {
      elsewhere.plays(domain, async line => {
        await line.welcome(domain, certificate, offers.dialback)
        line.sendRaw(answerTo(await line.expect('result'), 'valid'))
        const message = await line.expect('message')
        line.sendRaw(`<message from='x@${domain}' to='${witness.jid}'><body>psst</body></message>`)
        await line.expectStreamError('unsupported-stanza-type').catch(reject)
        resolve(bodyOf(message))
      })
    })
    sender.send(chat(`somebody@${domain}`, 'hello'))
    expect(await refused).toBe('hello')
    expect(await sender.untilFence()).toEqual([])
  })

  test('who acks what was never sent is not talked to any more, and the sender is told once', async () => {
    const { stranger, elsewhere } = ground()
    const domain = stranger()
    const certificate = await certificateOf(domain)
    elsewhere.plays(domain, async line => {
      await line.welcome(domain, certificate, offers.dialback + offers.streamManagement)
      line.sendRaw(answerTo(await line.expect('result'), 'valid'))
      await line.expect('enable')
      line.sendRaw(`<enabled xmlns='${nsSm3}'/><a xmlns='${nsSm3}' h='99'/>`)
      await line.until('error')
    })
    sender.send(chat(`somebody@${domain}`, 'counted'))
    const error = await sender.until('message')
    expect(error.attrs).toMatchObject({ type: 'error', id: 'counted' })
    expect(await sender.untilFence()).toEqual([])
  })
})
