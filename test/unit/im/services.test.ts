/** A service that is added by the registry alone: one note of each user, kept for them. */
import { element } from '@smacks/codec'
import { left, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { createServices, standardServices } from '../../../packages/im/src/services/registry.js'
import {
  badRequest,
  dropRecord,
  type IqHandler,
  putRecord,
  type RecordKind,
  readRecord,
  result,
  type Service,
  unavailable,
} from '../../../packages/im/src/services/service.js'
import { openHouse } from './house.js'

const namespace = 'urn:example:note'
const romeo = 'romeo@a.example'

const notes: RecordKind<string> = {
  kind: 'example-notes',
  encode: note => JSON.stringify({ v: 1, note }),
  decode: text => {
    const { v, note } = JSON.parse(text)
    return v === 1 ? right(note) : left('a version that is unknown')
  },
}

const answerNote: IqHandler = ({ view, type, target, payload }) => {
  if (target._tag !== 'OwnAccount') return unavailable
  if (payload.name !== 'note') return badRequest(`<${payload.name}/> is no note`)
  if (type === 'get') return result(element('note', { xmlns: namespace }, readRecord(view, notes, 'note') ?? ''))
  const text = payload.getText()
  return { _tag: 'Result', change: text === '' ? dropRecord(notes, 'note') : putRecord(notes, 'note', text) }
}

const noteService: Service = {
  handlers: { [namespace]: answerNote },
  features: { domain: [namespace] },
  records: [notes],
}

const set = (text: string) => `<iq type='set' id='1'><note xmlns='${namespace}'>${text}</note></iq>`
const get = `<iq type='get' id='2'><note xmlns='${namespace}'/></iq>`
const note = (text: string) => expect.stringContaining(`>${text}</note>`)

describe('a service that is given to the domain', () => {
  it('answers the iqs of its namespace', () => {
    const house = openHouse({ services: [noteService] })
    const client = house.login(romeo, 'phone')
    client.says(set('Buy a ladder'))
    expect(client.hears()).toEqual([expect.stringContaining('type="result"')])
    client.says(get)
    expect(client.hears()).toEqual([note('Buy a ladder')])
    client.says(set(''), get)
    expect(client.hears()[1]).toEqual(expect.stringContaining(`<note xmlns="${namespace}"/>`))
  })

  it('is not there unless it is given', () => {
    const client = openHouse().login(romeo, 'phone')
    client.says(get)
    expect(client.hears()).toEqual([expect.stringContaining('service-unavailable')])
  })

  it('is told of by disco#info, behind the standard ones', () => {
    const house = openHouse({ services: [noteService] })
    const client = house.login(romeo, 'phone')
    client.says(`<iq type='get' id='3' to='a.example'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`)
    const features = [...(client.hears()[0] ?? '').matchAll(/var="([^"]*)"/g)].map(([, feature]) => feature)
    expect(features.at(-1)).toBe(namespace)
    expect(features).toHaveLength(10)
  })

  it('has its record in the batch of the turn, with the answer behind it', () => {
    const batches: Array<ReadonlyArray<string>> = []
    const house = openHouse({
      services: [noteService],
      journal: journal => ({
        ...journal,
        commit: batch => {
          batches.push(batch.map(({ _tag }) => _tag))
          return journal.commit(batch)
        },
      }),
    })
    const client = house.login(romeo, 'phone')
    batches.length = 0
    client.says(set('Buy a ladder'))
    expect(batches).toEqual([['PutRecord']])
    expect([...house.journal.records('example-notes')]).toEqual([
      { account: romeo, name: 'note', text: '{"v":1,"note":"Buy a ladder"}' },
    ])
  })

  it('has nothing of an account that is removed, and all of others', () => {
    const house = openHouse({ services: [noteService] })
    house.login(romeo, 'phone').says(set('Buy a ladder'))
    house.login('juliet@a.example', 'phone').says(set('Be home by dawn'))
    house.messaging.forget(romeo)
    house.host.settle()
    expect([...house.journal.records('example-notes')].map(({ account }) => account)).toEqual(['juliet@a.example'])
  })
})

describe('the services of a server', () => {
  it('answer each namespace once', () => {
    expect(() => createServices([noteService, noteService])).toThrow(namespace)
  })

  it('name the records of rosters, presences and stale contacts', () => {
    const dropped: Array<string> = []
    createServices(standardServices).purge(romeo, {
      records: (_, account = '') => [{ account, name: 'a', text: '' }],
      runtime: { change: change => void dropped.push(change._tag === 'DropRecord' ? change.kind : change._tag) },
      offline: { read: () => [] },
    })
    expect(dropped).toEqual(['rosters', 'presences', 'stale-contacts'])
  })
})
