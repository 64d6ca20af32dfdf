/** What an operator reads who asks for a lost message. */
import { explain, replay, verify } from '@smacks/replay'
import { isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { createStage, juliet, nurse, romeo } from './stage.js'

/** Romeo and Juliet are online with stream management; Romeo's connection is r1, Juliet's is j1. */
const bothOnline = (config?: Parameters<typeof createStage>[0]) => {
  const stage = createStage(config)
  stage.online(romeo, 'r1')
  stage.online(juliet, 'j1')
  stage.wait(1)
  return stage
}

describe('the story of a message', () => {
  test('that was acked', () => {
    const stage = bothOnline()
    stage.send(romeo, 'r1', { id: 'm1', to: 'juliet@example.org' })
    stage.request(romeo, 'r1')
    stage.wait(0.2)
    stage.ack(juliet, 'j1', 1)
    expect(stage.story('m1')).toMatchInlineSnapshot(`
      "message m1 (chat) from romeo@example.net/orchard to juliet@example.org
      +1.000s #5  came from romeo@example.net/orchard on r1 and was counted: our h became 1
                    a stanza counts once we take responsibility for it, whatever the answer to it will be (XEP-0198 §4)
      +1.000s #6  was submitted to juliet@example.org/balcony, queued as number 1, the only one unacked, and written to j1
                    a stanza is kept until the peer's h covers it (XEP-0198 §4)
                  an ack was requested: <r/> on j1
                    an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +1.000s #7  its sender was told that we have it: <a h='1'/> on r1
                    up to its h everything is our responsibility, and its sender need not send it again (XEP-0198 §4)
      +1.200s #8  juliet@example.org/balcony acked it: <a h='1'/> on j1 covers number 1
                    the h of an <a/> counts what its sender handled (XEP-0198 §4)
      => acked by juliet@example.org/balcony at +1.200s; delivered once"
    `)
  })

  test('that was sent again after a resumption', () => {
    const stage = bothOnline()
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    stage.send(romeo, 'r1', { id: 'm2', to: juliet })
    stage.wait(1)
    stage.happen(juliet, 'j1', 'ConnectionLost')
    stage.wait(20)
    stage.resume(juliet, 'j2', 'sm-j1', 1)
    stage.wait(0.3)
    stage.ack(juliet, 'j2', 2)
    expect(stage.story('m2')).toMatchInlineSnapshot(`
      "message m2 (chat) from romeo@example.net/orchard to juliet@example.org/balcony
      +1.000s #7    came from romeo@example.net/orchard on r1 and was counted: our h became 2
                      a stanza counts once we take responsibility for it, whatever the answer to it will be (XEP-0198 §4)
      +1.000s #8    was submitted to juliet@example.org/balcony, queued as number 2, the 2nd of 2 unacked, and written to j1
                      a stanza is kept until the peer's h covers it (XEP-0198 §4)
                    no ack was requested for it
                      an <r/> is unanswered already, and one is outstanding at a time (XEP-0198 §4)
      +2.000s #9    j1 dropped while it waited; juliet@example.org/balcony hibernates
                      a line that drops without </stream:stream> leaves a session that its client can resume for smacks_hibernation_time = 600 s (XEP-0198 §7)
      +22.000s #10  juliet@example.org/balcony resumed on j2 with <resume h='1'/>, which does not cover number 2: it was written again to j2, with a <delay/> of when it was submitted
                      after <resumed/> everything the h of the other side does not cover is sent again, in its first order (XEP-0198 §5)
                    an ack was requested: <r/> on j2
                      after a resumption an ack is requested for what was sent again (XEP-0198 §5)
      +22.300s #11  juliet@example.org/balcony acked it: <a h='2'/> on j2 covers number 2
                      the h of an <a/> counts what its sender handled (XEP-0198 §4)
      => acked by juliet@example.org/balcony at +22.300s; delivered once"
    `)
  })

  test('that had arrived before the line dropped', () => {
    const stage = bothOnline()
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    stage.happen(juliet, 'j1', 'ConnectionLost')
    stage.wait(20)
    stage.resume(juliet, 'j2', 'sm-j1', 1)
    expect(stage.story('m1')).toMatchInlineSnapshot(`
      "message m1 (chat) from romeo@example.net/orchard to juliet@example.org/balcony
      +1.000s #5   came from romeo@example.net/orchard on r1 and was counted: our h became 1
                     a stanza counts once we take responsibility for it, whatever the answer to it will be (XEP-0198 §4)
      +1.000s #6   was submitted to juliet@example.org/balcony, queued as number 1, the only one unacked, and written to j1
                     a stanza is kept until the peer's h covers it (XEP-0198 §4)
                   an ack was requested: <r/> on j1
                     an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +1.000s #7   j1 dropped while it waited; juliet@example.org/balcony hibernates
                     a line that drops without </stream:stream> leaves a session that its client can resume for smacks_hibernation_time = 600 s (XEP-0198 §7)
      +21.000s #8  juliet@example.org/balcony acked it while resuming on j2: <resume h='1'/> covers number 1
                     the h in <resume/> and <resumed/> is an ack: what it covers had arrived, and is not sent again (XEP-0198 §5)
      => acked by juliet@example.org/balcony at +21.000s; delivered once"
    `)
  })

  test('that was stored offline, and delivered when the client came back', () => {
    const stage = bothOnline()
    stage.happen(juliet, 'j1', 'ConnectionLost')
    stage.wait(5)
    stage.send(romeo, 'r1', { id: 'm1', to: 'juliet@example.org' })
    stage.wait(600)
    expect(stage.story('m1')).toMatchInlineSnapshot(`
      "message m1 (chat) from romeo@example.net/orchard to juliet@example.org
      +6.000s #6      came from romeo@example.net/orchard on r1 and was counted: our h became 1
                        a stanza counts once we take responsibility for it, whatever the answer to it will be (XEP-0198 §4)
      +6.000s #7      was submitted to juliet@example.org/balcony, whose client is away, and queued: number 1, the only one unacked
                        what comes for a disconnected session waits for its client to resume (XEP-0198 §5)
      +10m01.000s #8  the session of juliet@example.org/balcony ended while it waited
                        hibernation took longer than smacks_hibernation_time = 600 s (XEP-0198 §5)
                      it was stored offline
                        it was the last session of the account, offline_storage = true; chat and normal messages are stored (XEP-0160 §3, XEP-0198 §4)
      => stored offline for juliet@example.org at +10m01.000s"
    `)
    stage.wait(60)
    stage.online(juliet, 'j2')
    stage.wait(1)
    stage.ack(juliet, 'j2', 1)
    expect(stage.story('m1').split('\n').slice(-9).join('\n')).toMatchInlineSnapshot(`
      "+11m06.000s #12  was submitted, with a <delay/>, to juliet@example.org/balcony, queued as number 1, the only one unacked, and written to j2
                         a stanza is kept until the peer's h covers it (XEP-0198 §4)
                       no ack was requested for it
                         after <enabled/> there is no <r/> for requestHold = 0.02 s, since some clients reset their count a moment after it
      +11m06.020s #13  an ack was requested: <r/> on j2
                         an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +11m07.000s #14  juliet@example.org/balcony acked it: <a h='1'/> on j2 covers number 1
                         the h of an <a/> counts what its sender handled (XEP-0198 §4)
      => acked by juliet@example.org/balcony at +11m07.000s; delivered once"
    `)
  })

  test('that was returned to its sender', () => {
    const stage = bothOnline({ offlineStorage: false, hibernationTime: 60 })
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    stage.happen(juliet, 'j1', 'ConnectionLost')
    stage.wait(60)
    expect(stage.story('m1')).toMatchInlineSnapshot(`
      "message m1 (chat) from romeo@example.net/orchard to juliet@example.org/balcony
      +1.000s #5     came from romeo@example.net/orchard on r1 and was counted: our h became 1
                       a stanza counts once we take responsibility for it, whatever the answer to it will be (XEP-0198 §4)
      +1.000s #6     was submitted to juliet@example.org/balcony, queued as number 1, the only one unacked, and written to j1
                       a stanza is kept until the peer's h covers it (XEP-0198 §4)
                     an ack was requested: <r/> on j1
                       an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +1.000s #7     j1 dropped while it waited; juliet@example.org/balcony hibernates
                       a line that drops without </stream:stream> leaves a session that its client can resume for smacks_hibernation_time = 60 s (XEP-0198 §7)
      +1m01.000s #8  the session of juliet@example.org/balcony ended while it waited
                       hibernation took longer than smacks_hibernation_time = 60 s (XEP-0198 §5)
                     it was returned to its sender with recipient-unavailable
                       offline_storage = false, so messages are returned (XEP-0198 §4)
      => returned to its sender at +1m01.000s, since juliet@example.org/balcony did not ack it; it was written to juliet@example.org/balcony once before that and never acked, so it may have arrived there all the same

      message m1 (error) from juliet@example.org/balcony to romeo@example.net/orchard
      +1m01.000s #9  was submitted to romeo@example.net/orchard, queued as number 1, the only one unacked, and written to r1
                       a stanza is kept until the peer's h covers it (XEP-0198 §4)
                     an ack was requested: <r/> on r1
                       an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      => still unacked by romeo@example.net/orchard at the end of the recording: r1 is connected, its last h was 0, and 1 is needed"
    `)
  })

  test('that was routed anew, since another session was left', () => {
    const stage = createStage({ hibernationTime: 0 })
    stage.online(romeo, 'r1')
    stage.online(juliet, 'j1')
    stage.online(nurse, 'n1')
    stage.wait(1)
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    stage.wait(1)
    stage.happen(juliet, 'j1', 'ConnectionLost')
    stage.wait(1)
    stage.ack(nurse, 'n1', 1)
    expect(stage.story('m1')).toMatchInlineSnapshot(`
      "message m1 (chat) from romeo@example.net/orchard to juliet@example.org/balcony
      +1.000s #7   came from romeo@example.net/orchard on r1 and was counted: our h became 1
                     a stanza counts once we take responsibility for it, whatever the answer to it will be (XEP-0198 §4)
      +1.000s #8   was submitted to juliet@example.org/balcony, queued as number 1, the only one unacked, and written to j1
                     a stanza is kept until the peer's h covers it (XEP-0198 §4)
                   an ack was requested: <r/> on j1
                     an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +2.000s #9   the session of juliet@example.org/balcony ended while it waited
                     the line dropped, and smacks_hibernation_time = 0 allows no resumption (XEP-0198 §5)
                   it was routed anew
                     the line cannot be resumed and other sessions are left: a message to the full JID goes where it goes without this one (RFC 6121 §8.5.3.2)
      +2.000s #10  was submitted, with a <delay/>, to juliet@example.org/chamber, queued as number 1, the only one unacked, and written to n1
                     a stanza is kept until the peer's h covers it (XEP-0198 §4)
                   an ack was requested: <r/> on n1
                     an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +3.000s #11  juliet@example.org/chamber acked it: <a h='1'/> on n1 covers number 1
                     the h of an <a/> counts what its sender handled (XEP-0198 §4)
      => acked by juliet@example.org/chamber at +3.000s; delivered once"
    `)
  })

  test('that was discarded, being an error', () => {
    const stage = bothOnline()
    stage.send(romeo, 'r1', { id: 'm1', to: juliet, type: 'error' })
    stage.happen(juliet, 'j1', 'StreamClosed')
    expect(stage.story('m1')).toMatchInlineSnapshot(`
      "message m1 (error) from romeo@example.net/orchard to juliet@example.org/balcony
      +1.000s #5  came from romeo@example.net/orchard on r1 and was counted: our h became 1
                    a stanza counts once we take responsibility for it, whatever the answer to it will be (XEP-0198 §4)
      +1.000s #6  was submitted to juliet@example.org/balcony, queued as number 1, the only one unacked, and written to j1
                    a stanza is kept until the peer's h covers it (XEP-0198 §4)
                  an ack was requested: <r/> on j1
                    an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +1.000s #7  the session of juliet@example.org/balcony ended while it waited
                    a stream that was closed with </stream:stream> ends its session (XEP-0198 §7)
                  it was discarded
                    an error is never answered (RFC 6120 §8.3.1)
      => discarded at +1.000s, when the session of juliet@example.org/balcony ended; it was written to juliet@example.org/balcony once before that and never acked, so it may have arrived there all the same"
    `)
  })

  test('that is unacked at the end, since its client never answers', () => {
    const stage = bothOnline()
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    stage.wait(30)
    expect(stage.story('m1')).toMatchInlineSnapshot(`
      "message m1 (chat) from romeo@example.net/orchard to juliet@example.org/balcony
      +1.000s #5   came from romeo@example.net/orchard on r1 and was counted: our h became 1
                     a stanza counts once we take responsibility for it, whatever the answer to it will be (XEP-0198 §4)
      +1.000s #6   was submitted to juliet@example.org/balcony, queued as number 1, the only one unacked, and written to j1
                     a stanza is kept until the peer's h covers it (XEP-0198 §4)
                   an ack was requested: <r/> on j1
                     an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +31.000s #7  the ack request is still unanswered; smacks-ack-delayed was told of balcony
                     an ack request may be unanswered for smacks_max_ack_delay = 30 s, then smacks-ack-delayed is told; the session goes on
      => still unacked by juliet@example.org/balcony at the end of the recording: j1 is connected, its last h was 0, and 1 is needed"
    `)
    stage.happen(juliet, 'j1', 'ConnectionSilent')
    stage.wait(30)
    expect(stage.story('m1').split('\n').slice(-5).join('\n')).toMatchInlineSnapshot(`
      "+31.000s #7    the ack request is still unanswered; smacks-ack-delayed was told of balcony
                       an ack request may be unanswered for smacks_max_ack_delay = 30 s, then smacks-ack-delayed is told; the session goes on
      +1m01.000s #9  j1 did not answer while it waited; juliet@example.org/balcony hibernates
                       the <r/> to a silent line was unanswered for probeTimeout = 30 s, so the line is taken for dead; the client can resume for smacks_hibernation_time = 600 s (XEP-0198 §7)
      => still unacked by juliet@example.org/balcony at the end of the recording: its client is away and can resume until +11m01.000s"
    `)
  })

  test('that keeps a session from being resumed, with others', () => {
    const stage = bothOnline({ maxQueueSize: 1 })
    stage.happen(juliet, 'j1', 'ConnectionLost')
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    stage.send(romeo, 'r1', { id: 'm2', to: juliet })
    stage.wait(1)
    stage.resume(juliet, 'j2', 'sm-j1', 0)
    expect(stage.story('m1').split('\n').slice(-5).join('\n')).toMatchInlineSnapshot(`
      "+1.000s #7   was submitted to juliet@example.org/balcony, whose client is away, and queued: number 1, the only one unacked
                     what comes for a disconnected session waits for its client to resume (XEP-0198 §5)
      +2.000s #10  the client of juliet@example.org/balcony tried to resume on j2 with <resume h='0'/> and was refused: resource-constraint
                     a session with more unacked stanzas than smacks_max_queue_size = 1 cannot be resumed; it waits on, and a higher h may still resume it
      => still unacked by juliet@example.org/balcony at the end of the recording: its client is away and can resume until +10m01.000s"
    `)
  })

  test('that went to two sessions', () => {
    const stage = bothOnline()
    stage.online(nurse, 'n1')
    stage.wait(1)
    stage.send(romeo, 'r1', { id: 'm1', to: 'juliet@example.org' })
    stage.wait(1)
    stage.ack(nurse, 'n1', 1)
    stage.ack(juliet, 'j1', 1)
    expect(stage.story('m1').split('\n').at(-1)).toMatchInlineSnapshot(
      `"=> acked by juliet@example.org/chamber at +3.000s and juliet@example.org/balcony at +3.000s; delivered twice, once to each of these"`,
    )
  })

  test('whose sender came too late to hear of it from its session', () => {
    const stage = bothOnline({ hibernationTime: 10 })
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    stage.ack(juliet, 'j1', 1)
    stage.happen(romeo, 'r1', 'ConnectionLost')
    stage.wait(11)
    stage.resume(romeo, 'r2', 'sm-r1', 0)
    expect(stage.story('m1').split('\n').slice(-3).join('\n')).toMatchInlineSnapshot(`
      "+12.000s #11  its sender was told that we have it, though its session was over: <failed h='1'/> on r2
                      the h of sessions that ended is kept for clients that come too late, smacks_max_old_sessions = 10 (XEP-0198 §5)
      => acked by juliet@example.org/balcony at +1.000s; delivered once"
    `)
  })

  test('that came on a connection that was nobody’s any more', () => {
    const stage = bothOnline()
    stage.resume(romeo, 'r2', 'sm-r1', 0)
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    expect(stage.story('m1')).toMatchInlineSnapshot(`
      "message m1 (chat) from romeo@example.net/orchard to juliet@example.org/balcony
      +1.000s #6  came from romeo@example.net/orchard on r1, but r1 is no longer the connection of orchard, whose session is on r2; it was not counted and nothing was done with it
                    what comes on a connection that is not the session's any more does not count: its sender has no ack for it, and sends it again after <resumed/> (XEP-0198 §5)
      => never accepted: its sender has no ack for it, and has to send it again"
    `)
  })

  test('that waited already when the recording began', () => {
    const stage = bothOnline()
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    stage.restartRecording()
    stage.wait(1)
    stage.ack(juliet, 'j1', 1)
    expect(stage.story('m1')).toMatchInlineSnapshot(`
      "message m1 (chat) from romeo@example.net/orchard to juliet@example.org/balcony
      +0.000s #2  was waiting in the session of juliet@example.org/balcony already when the recording came to know of it: number 1
                  juliet@example.org/balcony acked it: <a h='1'/> on j1 covers number 1
                    the h of an <a/> counts what its sender handled (XEP-0198 §4)
      => acked by juliet@example.org/balcony at +0.000s; what happened to it before the recording came to know of it is not told"
    `)
  })

  test('that waited while one file of a recording ended and the next began', () => {
    const stage = bothOnline()
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    const first = stage.recording()
    stage.restartRecording()
    stage.wait(1)
    stage.ack(juliet, 'j1', 1)
    const both = { header: first.header, entries: [...first.entries, ...stage.recording().entries] }
    const stories = explain(both, 'm1', { relative: true })
    const [story] = isRight(stories) ? stories.right : []
    expect(story?.passages.map(({ text }) => text)).toEqual([
      'came from romeo@example.net/orchard on r1 and was counted: our h became 1',
      'was submitted to juliet@example.org/balcony, queued as number 1, the only one unacked, and written to j1',
      'an ack was requested: <r/> on j1',
      "juliet@example.org/balcony acked it: <a h='1'/> on j1 covers number 1",
    ])
  })
})

describe('asking', () => {
  test('by the number of the entry it came with', () => {
    const stage = bothOnline()
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    const came = stage
      .recording()
      .entries.find(({ _tag, ...entry }) => 'event' in entry && entry.event._tag === 'StanzaReceived')
    expect(stage.story(`#${came?.seq}`)).toBe(stage.story('m1'))
  })

  test('by an id that is not there names those that are near', () => {
    const stage = bothOnline()
    for (const id of ['where-art-thou', 'where-am-i', 'zzz']) stage.send(romeo, 'r1', { id, to: juliet })
    expect(stage.story('where-are-thou')).toMatchInlineSnapshot(
      `"no stanza in this recording has the id "where-are-thou"; near it are "where-art-thou" (3 ids are known)"`,
    )
    expect(stage.story('nothing of the kind')).toMatchInlineSnapshot(
      `"no stanza in this recording has the id "nothing of the kind" (3 ids are known)"`,
    )
  })

  test('by the number of an entry that holds no stanza, or is not there', () => {
    const stage = bothOnline()
    stage.send(romeo, 'r1', { id: 'm1', to: juliet })
    expect(stage.story('#1')).toMatchInlineSnapshot(
      `"entry #1 is "orchard on r1: the resource was bound", and no stanza; stanzas near it are #5, #6"`,
    )
    expect(stage.story('#1000')).toMatchInlineSnapshot(`"there is no entry #1000: the recording has 6"`)
  })

  test('for an answer and its question gives a story each', () => {
    const stage = bothOnline()
    stage.send(romeo, 'r1', { id: 'q1', name: 'iq', type: 'get', to: juliet })
    stage.send(juliet, 'j1', { id: 'q1', name: 'iq', type: 'result', to: romeo })
    expect(
      stage
        .story('q1')
        .split('\n\n')
        .map(story => story.split('\n')[0]),
    ).toMatchInlineSnapshot(`
      [
        "iq q1 (get) from romeo@example.net/orchard to juliet@example.org/balcony",
        "iq q1 (result) from juliet@example.org/balcony to romeo@example.net/orchard",
      ]
    `)
  })
})

test('what the stage records verifies', () => {
  const stage = bothOnline()
  stage.send(romeo, 'r1', { id: 'm1', to: juliet })
  stage.happen(juliet, 'j1', 'ConnectionLost')
  stage.wait(700)
  const { steps, compared, differing } = verify(replay(stage.recording()))
  expect([compared, differing]).toEqual([steps, 0])
})
