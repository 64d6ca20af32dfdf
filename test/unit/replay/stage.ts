/** Two accounts on the real loop, with a recorder that listens, and an application that routes messages by the book. */
import type { PayloadCodec } from '@smacks/codec'
import { type Config, defaultConfig, type OldSession, type StanzaFacts, sessionOf } from '@smacks/core'
import { createRecorder, describeStory, explain, type Recording } from '@smacks/replay'
import { createRuntime, type Journal, type Runtime } from '@smacks/runtime'
import { createVirtualHost } from '@smacks/testkit'
import * as Either from 'fp-ts/lib/Either.js'
import { read } from './record.js'

/** A stanza: its facts, and what it says. */
export interface Letter {
  readonly facts: StanzaFacts
  readonly body: string
}

export const letterPayload: PayloadCodec<Letter> = {
  encode: ({ facts, body }) => ({ ...facts, body }),
  // Only what is written here is read.
  decode: json => {
    const { body, ...facts } = json as unknown as StanzaFacts & { readonly body: string }
    return Either.right({ facts, body })
  },
}

export const romeo = 'romeo@example.net/orchard'
export const juliet = 'juliet@example.org/balcony'
export const nurse = 'juliet@example.org/chamber'

const split = (jid: string): readonly [account: string, resource: string | undefined] => {
  const [account = '', resource] = jid.split('/')
  return [account, resource]
}

const journalOf = (stored: Array<Letter>, real: Journal<Letter> | undefined): Journal<Letter> => {
  const remembered = new Map<string, ReadonlyArray<OldSession>>()
  return {
    ...(real?.sessions === undefined ? {} : { sessions: real.sessions }),
    commit: batch => {
      for (const change of batch) {
        if (change._tag === 'PutOffline') stored.push({ facts: change.facts, body: change.stanza.body })
        if (change._tag === 'PutOldSession')
          remembered.set(change.account, [change.session, ...(remembered.get(change.account) ?? [])])
      }
      return real?.commit(batch)
    },
    oldSessions: account => remembered.get(account) ?? [],
    records: () => [],
    close: async () => {},
  }
}

/** Wraps the journal of the stage: what it commits is committed there too, before it counts. */
export type MakeJournal = (config: Config) => Journal<Letter>

export const createStage = (changed: Partial<Config> = {}, makeJournal?: MakeJournal) => {
  const config = { ...defaultConfig, ...changed }
  const host = createVirtualHost(Date.UTC(2026, 0, 1))
  const { clock, timers, turns } = host
  const lines: Array<string> = []
  const recorder = createRecorder<Letter>({
    payload: letterPayload,
    facts: ({ facts }) => facts,
    config,
    by: 'the stage',
    redacted: false,
    outcome: 'full',
    write: line => lines.push(line),
    now: clock.now,
  })
  const stored: Array<Letter> = []
  const journal = journalOf(stored, makeJournal?.(config))
  const runtime: Runtime<Letter> = createRuntime<Letter>({
    config,
    ports: {
      transport: {
        sendStanza: () => {},
        sendNonza: () => {},
        close: () => {},
        awaitDrain: () => {},
        drop: () => {},
        adopt: () => {},
        flush: () => {},
      },
      bus: { publish: () => {} },
      timers,
      turns,
      clock,
      journal,
    },
    application: () => ({
      deliver: (account, resource, { facts, body }) =>
        route({ facts: { ...facts, from: `${account}/${resource}` }, body }),
      returnToSender: (_, __, { body }, { name, id, from, to }) =>
        route({
          facts: { name, type: 'error', ...(id && { id }), ...(to && { from: to }), ...(from && { to: from }) },
          body,
        }),
      redeliver: (account, _, { body }, facts) => submitToAll(account, { facts: { ...facts, delayed: true }, body }),
      sessionEnded: () => {},
    }),
    observe: recorder.observe,
    onFault: error => {
      throw error
    },
    onStall: error => {
      throw error
    },
    onRecovery: () => {},
  })

  const submit = (account: string, resource: string, { facts, body }: Letter): void =>
    runtime.dispatch(account, { _tag: 'StanzaSubmitted', at: clock.now(), resource, stanza: { facts, body }, facts })

  const submitToAll = (account: string, letter: Letter): void => {
    const { sessions } = runtime.account(account)
    if (sessions.length === 0) stored.push(letter)
    for (const { resource } of sessions) submit(account, resource, letter)
  }

  const route = (letter: Letter): void => {
    const [account, resource] = split(letter.facts.to ?? '')
    if (resource !== undefined && sessionOf(runtime.account(account), resource) !== undefined)
      submit(account, resource, letter)
    else submitToAll(account, letter)
  }

  const at = (jid: string) => {
    const [account, resource = ''] = split(jid)
    return { account, resource }
  }

  return {
    /** Binds, with stream management and resumption by the connection's name, and takes what is stored. */
    online: (jid: string, connection: string): void => {
      const { account, resource } = at(jid)
      const here = { at: clock.now(), resource, connection }
      runtime.dispatch(account, { _tag: 'SessionBound', ...here })
      runtime.dispatch(account, {
        _tag: 'EnableReceived',
        ...here,
        version: 'urn:xmpp:sm:3',
        resume: true,
        freshId: `sm-${connection}`,
      })
      for (const letter of stored.splice(0))
        submitToAll(account, { ...letter, facts: { ...letter.facts, delayed: true } })
      host.settle()
    },
    send: (jid: string, connection: string, facts: Pick<StanzaFacts, 'id' | 'to'> & Partial<StanzaFacts>): void => {
      const { account, resource } = at(jid)
      const stanza: Letter = { facts: { name: 'message', type: 'chat', ...facts }, body: 'Hark!' }
      runtime.dispatch(account, { _tag: 'StanzaReceived', at: clock.now(), resource, connection, stanza })
      host.settle()
    },
    happen: (jid: string, connection: string, _tag: 'ConnectionLost' | 'ConnectionSilent' | 'StreamClosed'): void => {
      const { account, resource } = at(jid)
      runtime.dispatch(account, { _tag, at: clock.now(), resource, connection })
      host.settle()
    },
    ack: (jid: string, connection: string, h: number): void => {
      const { account, resource } = at(jid)
      runtime.dispatch(account, {
        _tag: 'AckReceived',
        at: clock.now(),
        resource,
        connection,
        version: 'urn:xmpp:sm:3',
        h,
      })
      host.settle()
    },
    request: (jid: string, connection: string): void => {
      const { account, resource } = at(jid)
      runtime.dispatch(account, {
        _tag: 'RequestReceived',
        at: clock.now(),
        resource,
        connection,
        version: 'urn:xmpp:sm:3',
      })
      host.settle()
    },
    resume: (jid: string, connection: string, previd: string, h: number): void => {
      runtime.dispatch(at(jid).account, {
        _tag: 'ResumeReceived',
        at: clock.now(),
        connection,
        version: 'urn:xmpp:sm:3',
        previd,
        h,
      })
      host.settle()
    },
    wait: (seconds: number): void => host.advance(seconds * 1000),
    restartRecording: (): void => {
      lines.length = 0
      recorder.restart()
    },
    lines,
    recording: (): Recording => read(lines),
    /** The stories of the stanzas with this id, as they are printed. */
    story: (asked: string): string => {
      const recording = read(lines)
      const stories = explain(recording, asked, { relative: true })
      return Either.isLeft(stories)
        ? stories.left
        : stories.right.map(story => describeStory(recording.header, story, { relative: true }).join('\n')).join('\n\n')
    },
  }
}
