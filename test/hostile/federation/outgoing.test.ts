/**
 * Our server as the one that calls, and servers that are not as they should be at the other end: nothing leaves that
 * should not, the sender is told once, and what they say to us on our own stream does not count.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { createAuthority } from '../../support/authority.js'
import { authority } from '../../support/federation/neighbour.js'
import { bodyOf } from '../../support/xml.js'
import type { XmppClient } from '../../support/xmpp-client.js'
import { nsSm3 } from '../../support/xmpp-line.js'
import { answerTo, type Called, conditionIn, offers, type Play } from './elsewhere.js'
import { certificateOf, chat, type Ground, onGround } from './ground.js'
import { nsSasl, nsTls, type Shown } from './peer.js'

const day = 24 * 60 * 60 * 1000
const impatient = { connect_timeout_seconds: 3, establish_seconds: 4 }

/** What a domain does, and what it is named by. */
type Row = readonly [what: string, play: (domain: string, certificate: Shown) => Play]

/** Writes to each of the domains; the conditions of all errors that the sender gets, by what the domains did. */
const writeToAll = async (ground: Ground, sender: XmppClient, rows: ReadonlyArray<Row>) => {
  const played = new Set<string>()
  for (const [what, play] of rows) {
    const domain = ground.stranger()
    const certificate = await certificateOf(domain)
    ground.elsewhere.plays(domain, async (line, header) => {
      await play(domain, certificate)(line, header)
      played.add(what)
    })
    sender.send(chat(`somebody@${domain}`, what))
  }
  const errors: Record<string, ReadonlyArray<string>> = {}
  const deadline = Date.now() + 25_000
  while (Object.keys(errors).length < rows.length && Date.now() < deadline) {
    for (const message of await sender.untilFence()) {
      const { id = '' } = message.attrs
      errors[id] = [...(errors[id] ?? []), conditionIn(message) ?? message.name]
    }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return { errors, played }
}

/** Each sender is told once, and each domain has done what it was to do at least once. */
const expectReturned = async (ground: Ground, sender: XmppClient, rows: ReadonlyArray<Row>, condition: string) => {
  const { errors, played } = await writeToAll(ground, sender, rows)
  expect(errors).toEqual(Object.fromEntries(rows.map(([what]) => [what, [condition]])))
  expect([...played].sort()).toEqual(rows.map(([what]) => what).sort())
  expect(await sender.untilFence()).toEqual([])
}

/** Nothing comes but the end of the stream, for this reason. */
const refusedWith =
  (condition: string) =>
  async (line: Called): Promise<void> =>
    void (await line.expectStreamError(condition))

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
