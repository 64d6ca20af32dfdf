/** Whatever comes in whatever order: nothing throws, nothing is held too long, and what is said is XML. */
import fc from 'fast-check'
import { test } from 'vitest'
import { outcome } from './outcome.js'
import { auth, authenticate, bind, type Client, nsBind2, nsTls, openStage, response, type Stage, sm3 } from './stage.js'

const resume = (previd: string, h: string): string => `<resume xmlns='${sm3}' previd='${previd}' h='${h}'/>`
const inlined: ReadonlyArray<string> = [
  `<bind xmlns='${nsBind2}'/>`,
  `<bind xmlns='${nsBind2}'><tag>A</tag><enable xmlns='${sm3}' resume='true'/></bind>`,
  `<bind xmlns='${nsBind2}'><enable xmlns='${sm3}' max='x'/><inactive xmlns='urn:xmpp:csi:0'/></bind>`,
  `<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/>`,
  resume('SM-ID', '0'),
  resume('SM-ID', '99'),
  `<resume xmlns='${sm3}'/>`,
  `<x xmlns='urn:example:x'>y</x>`,
]
const users = ['romeo', 'juliet', 'Romeo']

const element: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '<message/>',
    '<presence/>',
    "<message from='juliet@a.example'/>",
    "<iq type='get' id='i'><query xmlns='x'/></iq>",
    bind(),
    bind('phone'),
    bind('a&#10;b'),
    auth(),
    auth('ask who'),
    auth('fail not-authorized'),
    auth('user a@b/c'),
    response('ask what'),
    response('user romeo'),
    response('user romeo', 'urn:xmpp:sasl:2'),
    "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<abort xmlns='urn:xmpp:sasl:2'/>",
    `<starttls xmlns='${nsTls}'/>`,
    `<enable xmlns='${sm3}' resume='true'/>`,
    `<enable xmlns='urn:xmpp:sm:2'/>`,
    `<enable xmlns='${sm3}' max='soon'/>`,
    `<r xmlns='${sm3}'/>`,
    `<a xmlns='${sm3}' h='0'/>`,
    `<a xmlns='${sm3}' h='x'/>`,
    `<failed xmlns='${sm3}'/>`,
    resume('SM-ID', '0'),
    resume('SM-ID', '5'),
    resume('x', '0'),
    "<active xmlns='urn:xmpp:csi:0'/>",
    "<x xmlns='urn:example:x'/>",
  ),
  fc.constantFrom(...users).map(user => auth(`user ${user}`)),
  fc
    .tuple(fc.constantFrom(...users.map(it => `user ${it}`), 'ask who', 'fail x'), fc.subarray([...inlined]))
    .map(([order, inside]) => authenticate(order, inside.join(''))),
)

type Act =
  | { readonly what: 'say'; readonly elements: ReadonlyArray<string> }
  | { readonly what: 'close' | 'commit' | 'drain' | 'drop' | 'fault' | 'header' | 'silence' }
  | { readonly what: 'wait'; readonly milliseconds: number }

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.array(element, { minLength: 1, maxLength: 4 }).map(elements => ({ what: 'say', elements }) as const),
  },
  { weight: 6, arbitrary: fc.constant({ what: 'header' } as const) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('close', 'commit', 'drain', 'drop', 'fault', 'silence').map(what => ({ what }) as const),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 700_000 }).map(milliseconds => ({ what: 'wait', milliseconds }) as const),
  },
)

/** Who acts, and what is done. */
const script = fc.array(fc.tuple(fc.nat({ max: 2 }), act), { maxLength: 40 })

const play = (stage: Stage, client: Client, known: { id: string }, acted: Act): void => {
  switch (acted.what) {
    case 'say':
      client.says(...acted.elements.map(it => it.replace('SM-ID', known.id)))
      return
    case 'header':
      client.opens()
      return
    case 'close':
      return client.closes()
    case 'commit':
      return void stage.commit()
    case 'drain':
      return client.line.drain()
    case 'drop':
      return client.drops()
    case 'fault':
      client.line.fault({ condition: 'not-well-formed' })
      return stage.host.settle()
    case 'silence':
      client.line.beSilent()
      return stage.host.settle()
    case 'wait':
      return stage.host.advance(acted.milliseconds)
  }
}

for (const slowCommits of [false, true])
  test(`any script leaves nothing behind${slowCommits ? ', also where commits take time' : ''}`, async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.boolean(), async (acts, secure) => {
        const stage = openStage({ slowCommits, requireEncryption: false })
        const clients = [0, 1, 2].map(() => stage.connect({ secure, address: '127.0.0.1' }))
        const said = clients.map(() => '')
        const known = { id: 'none' }
        const listen = (): void =>
          clients.forEach((client, place) => {
            const heard = client.hears()
            known.id = /<enabled [^>]* id='([^']*)'/.exec(heard)?.[1] ?? known.id
            said[place] += heard
          })
        for (const [who, acted] of acts) {
          const client = clients[who]
          if (client !== undefined) play(stage, client, known, acted)
          await stage.commit()
          listen()
        }
        // Whoever is left goes, and what hibernates times out.
        for (const client of clients) client.drops()
        for (let round = 0; round < 3; round += 1) {
          await stage.commit()
          stage.host.advance(3_600_000)
        }
        await stage.commit()
        listen()
        for (const text of said) outcome(text)
        if (stage.leases() !== 0) throw new Error(`${stage.leases()} leases are left`)
        if (stage.host.nextDue() !== undefined) throw new Error('a timer is left')
        const accounts = [...stage.runtime.accounts()]
        if (accounts.length > 0) throw new Error(`in memory are ${accounts.join()}`)
        if (stage.faults.length > 0) throw new Error(`faults: ${stage.faults.map(it => JSON.stringify(it)).join()}`)
      }),
      { numRuns: 300 },
    )
  })
