/** What every offline store must do. */
import type { StanzaFacts } from '@smacks/core'
import type { AccountId, OfflineChange, OfflineStore } from '@smacks/runtime'
import { type Ending, onBench, type TestRunner } from './runner.js'

export interface OfflineBench<A> extends Ending {
  readonly offline: OfflineStore<A>
  /** Applies the changes in one batch, as the store's journal does, and resolves when that is done. */
  readonly apply: (changes: ReadonlyArray<OfflineChange<A>>) => Promise<void> | undefined
}

export interface OfflineCompliance<A> extends TestRunner {
  readonly create: () => OfflineBench<A> | Promise<OfflineBench<A>>
  readonly stanza: (text: string) => A
  /** The text that the stanza was made of. */
  readonly text: (stanza: A) => string
}

const romeo = 'romeo@example.net'
const juliet = 'juliet@example.org'
const chat: StanzaFacts = { name: 'message', type: 'chat' }

export const offlineCompliance = <A>(options: OfflineCompliance<A>): void => {
  const { describe } = options
  describe('the port OfflineStore', () => {
    storing(options)
    dropping(options)
    counting(options)
  })
}

const storing = <A>(options: OfflineCompliance<A>): void => {
  const { expect, stanza, text } = options
  const it = onBench(options, options.create)
  const { put, texts } = wording(options)

  it('has nothing for an account that it does not know', ({ offline }) => {
    expect(offline.read(romeo)).toEqual([])
    expect(offline.count(romeo)).toEqual(0)
  })

  it('reads what was stored, oldest first', async ({ offline, apply }) => {
    await apply([put(romeo, 'one'), put(romeo, 'two')])
    await apply([put(romeo, 'three')])
    expect(texts(offline, romeo)).toEqual(['one', 'two', 'three'])
    expect(offline.count(romeo)).toEqual(3)
  })

  it('orders by when a message was stored, not by when it was submitted', async ({ offline, apply }) => {
    await apply([
      { _tag: 'PutOffline', account: romeo, stanza: stanza('one'), facts: chat, at: 2000 },
      { _tag: 'PutOffline', account: romeo, stanza: stanza('two'), facts: chat, at: 1000 },
    ])
    expect(texts(offline, romeo)).toEqual(['one', 'two'])
  })

  it('keeps the order beyond ten and beyond two hundred and fifty six', async ({ offline, apply }) => {
    const names = Array.from({ length: 300 }, (_, index) => `message ${index}`)
    await apply(names.map(name => put(romeo, name)))
    expect(texts(offline, romeo)).toEqual(names)
  })

  it('reads on after a key', async ({ offline, apply }) => {
    await apply(['one', 'two', 'three'].map(name => put(romeo, name)))
    const [first] = offline.read(romeo, 1)
    expect(offline.read(romeo, 1, first?.key).map(message => text(message.stanza))).toEqual(['two'])
    expect(offline.read(romeo, undefined, first?.key).map(message => text(message.stanza))).toEqual(['two', 'three'])
  })

  it('reads no more than the limit', async ({ offline, apply }) => {
    await apply(['one', 'two', 'three'].map(name => put(romeo, name)))
    for (const limit of [0, 1, 2, 3, 4])
      expect(offline.read(romeo, limit).map(message => text(message.stanza))).toEqual(
        ['one', 'two', 'three'].slice(0, limit),
      )
  })

  it('gives back facts and time as they were', async ({ offline, apply }) => {
    const facts: StanzaFacts = {
      name: 'message',
      type: 'normal',
      id: 'a "quoted" & <odd> id',
      from: `${juliet}/balcony`,
      to: romeo,
      delayed: true,
      copy: true,
      archived: true,
    }
    await apply([{ _tag: 'PutOffline', account: romeo, stanza: stanza('x'), facts, at: 1_700_000_000_123 }])
    expect(offline.read(romeo).map(({ facts, at }) => ({ facts, at }))).toEqual([{ facts, at: 1_700_000_000_123 }])
  })

  it('gives back any text whole, and long ones too', async ({ offline, apply }) => {
    const contents = ['', 'wherefore art thou ☂ 𝄞 \u0301', 'line\nbreak\ttab', 'x'.repeat(300_000)]
    await apply(contents.map(content => put(romeo, content)))
    expect(texts(offline, romeo)).toEqual(contents)
  })

  it('keeps accounts apart, also when one name begins with the other', async ({ offline, apply }) => {
    const accounts = ['romeo@example.net', 'romeo@example.network', 'romeo@example.ne', 'romeo@example', 'ROMEO@x']
    await apply(accounts.map(account => put(account, `for ${account}`)))
    for (const account of accounts) expect(texts(offline, account)).toEqual([`for ${account}`])
  })

  it('gives later messages greater keys', async ({ offline, apply }) => {
    await apply(['one', 'two', 'three'].map(name => put(romeo, name)))
    const keys = offline.read(romeo).map(message => message.key)
    expect(keys).toEqual([...new Set(keys)].sort((a, b) => a - b))
  })
}

const dropping = <A>(options: OfflineCompliance<A>): void => {
  const { expect } = options
  const it = onBench(options, options.create)
  const { put, texts, keysOf } = wording(options)

  it('drops the messages with the given keys and no others', async ({ offline, apply }) => {
    await apply(['one', 'two', 'three'].map(name => put(romeo, name)))
    const [first, , third] = keysOf(offline, romeo)
    await apply([{ _tag: 'DropOffline', account: romeo, keys: [first ?? 0, third ?? 0] }])
    expect(texts(offline, romeo)).toEqual(['two'])
    expect(offline.count(romeo)).toEqual(1)
  })

  it('allows keys and accounts that are not there', async ({ offline, apply }) => {
    await apply([put(romeo, 'one')])
    await apply([
      { _tag: 'DropOffline', account: romeo, keys: [4_000_000] },
      { _tag: 'DropOffline', account: 'nobody@example.org', keys: [1] },
      { _tag: 'DropOffline', account: romeo, keys: [] },
    ])
    expect(texts(offline, romeo)).toEqual(['one'])
  })

  it("does not drop another account's message of the same key", async ({ offline, apply }) => {
    await apply([put(romeo, 'one'), put(juliet, 'two')])
    await apply([{ _tag: 'DropOffline', account: juliet, keys: keysOf(offline, romeo).filter(notOf(offline, juliet)) }])
    expect(texts(offline, romeo)).toEqual(['one'])
    expect(texts(offline, juliet)).toEqual(['two'])
  })

  it('does not use a key again, so that a late drop cannot hit a new message', async ({ offline, apply }) => {
    await apply([put(romeo, 'old')])
    const late: OfflineChange<A> = { _tag: 'DropOffline', account: romeo, keys: keysOf(offline, romeo) }
    await apply([late])
    await apply([put(romeo, 'new')])
    await apply([late])
    expect(texts(offline, romeo)).toEqual(['new'])
  })

  it('applies the changes of a batch in their order', async ({ offline, apply }) => {
    await apply([put(romeo, 'one')])
    const keys = keysOf(offline, romeo)
    await apply([put(romeo, 'two'), { _tag: 'DropOffline', account: romeo, keys }, put(romeo, 'three')])
    expect(texts(offline, romeo)).toEqual(['two', 'three'])
  })
}

const counting = <A>(options: OfflineCompliance<A>): void => {
  const { expect, stanza } = options
  const it = onBench(options, options.create)
  const { keysOf } = wording(options)
  const from = (sender: string, text: string): OfflineChange<A> => ({
    _tag: 'PutOffline',
    account: romeo,
    stanza: stanza(text),
    facts: { ...chat, from: sender },
    at: 1000,
  })
  const countOf = (offline: OfflineStore<A>, ...senders: ReadonlyArray<string>): ReadonlyArray<number> =>
    senders.map(sender => offline.usage(romeo, sender).count)
  const nothing = { count: 0, size: 0 }

  it('tells how much is stored, of all, of a sender and of a domain', async ({ offline, apply }) => {
    expect(offline.usage(romeo)).toEqual(nothing)
    await apply([
      from(`${juliet}/balcony`, 'x'.repeat(1000)),
      from(`${juliet}/chamber`, 'x'.repeat(1000)),
      from('nurse@example.org', 'x'.repeat(1000)),
      from('montague.example', 'x'.repeat(1000)),
      { _tag: 'PutOffline', account: romeo, stanza: stanza('x'.repeat(1000)), facts: chat, at: 1000 },
    ])
    expect(offline.usage(romeo).count).toEqual(5)
    expect(countOf(offline, juliet, 'nurse@example.org', 'example.org', 'montague.example')).toEqual([2, 1, 3, 1])
    expect(countOf(offline, `${juliet}/balcony`, 'nobody@example.org', 'example.net')).toEqual([0, 0, 0])
    expect(offline.usage(juliet)).toEqual(nothing)
    const { size } = offline.usage(romeo)
    expect(size >= 5000 && size < 10_000).toEqual(true)
    expect(offline.usage(romeo, juliet).size >= 2000).toEqual(true)
  })

  it('keeps senders apart, also those with long names', async ({ offline, apply }) => {
    const senders = ['one', 'two'].map(name => `${'juliet'.repeat(100)}-${name}@${'x'.repeat(200)}.example`)
    await apply(senders.map(sender => from(sender, 'x')))
    expect(countOf(offline, ...senders)).toEqual([1, 1])
  })

  it('counts no more what is dropped, and once what is dropped twice', async ({ offline, apply }) => {
    await apply([from(juliet, 'one'), from(juliet, 'two')])
    const [first = 0, second = 0] = keysOf(offline, romeo)
    const before = offline.usage(romeo)
    await apply([{ _tag: 'DropOffline', account: romeo, keys: [first, first, 4_000_000] }])
    expect(offline.usage(romeo).count).toEqual(1)
    expect(offline.usage(romeo).size < before.size).toEqual(true)
    await apply([
      { _tag: 'DropOffline', account: romeo, keys: [first] },
      { _tag: 'DropOffline', account: romeo, keys: [second] },
    ])
    expect([offline.usage(romeo), offline.usage(romeo, juliet), offline.usage(romeo, 'example.org')]).toEqual([
      nothing,
      nothing,
      nothing,
    ])
  })
}

const wording = <A>({ stanza, text }: OfflineCompliance<A>) => ({
  put: (account: AccountId, name: string): OfflineChange<A> => ({
    _tag: 'PutOffline',
    account,
    stanza: stanza(name),
    facts: chat,
    at: 1000,
  }),
  texts: (offline: OfflineStore<A>, account: AccountId): ReadonlyArray<string> =>
    offline.read(account).map(message => text(message.stanza)),
  keysOf: (offline: OfflineStore<A>, account: AccountId): ReadonlyArray<number> =>
    offline.read(account).map(message => message.key),
})

const notOf = <A>(offline: OfflineStore<A>, account: AccountId) => {
  const keys = new Set(offline.read(account).map(message => message.key))
  return (key: number): boolean => !keys.has(key)
}
