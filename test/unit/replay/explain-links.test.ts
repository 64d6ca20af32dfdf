/** What an operator reads who asks for a message to another server. */
import { type Config, defaultConfig } from '@smacks/core'
import { describeStory, explain } from '@smacks/replay'
import { isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { namePayload, read, recordAll, stepsOf } from './record.js'

/** The story of m1 in the life of a link. */
const storyOf = (program: ReadonlyArray<string>, changed: Partial<Config> = {}): string => {
  const config = { ...defaultConfig, ...changed }
  const recording = read(recordAll(stepsOf(config, program), namePayload, { config })[0] ?? [])
  const stories = explain(recording, 'm1', { relative: true })
  if (!isRight(stories)) throw new Error(stories.left)
  return stories.right
    .map(story => describeStory(recording.header, story, { relative: true }).slice(1).join('\n'))
    .join('\n\n')
}

describe('the story of a message that waits for a first connection', () => {
  test('and is sent and acked', () => {
    expect(storyOf(['want', 'submit m1', 'wait 2', 'request-enable', 'enabled', 'ack h=1'])).toMatchInlineSnapshot(`
      "+0.000s #2  was submitted to romeo@example.net/phone, which is not connected yet, and queued: number 1, the only one unacked
                    nothing can be sent before there is a connection
      +2.000s #3  romeo@example.net/phone was connected: it was written to c1 behind <enable/>
                    what waited for a connection is sent once <enable/> is, and counts from there (XEP-0198 §4)
      +2.000s #4  an ack was requested: <r/> on c1
                    an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +2.000s #5  romeo@example.net/phone acked it: <a h='1'/> on c1 covers number 1
                    the h of an <a/> counts what its sender handled (XEP-0198 §4)
      => acked by romeo@example.net/phone at +2.000s; delivered once"
    `)
  })

  test('to a server without stream management', () => {
    expect(storyOf(['want', 'submit m1', 'bind'])).toMatchInlineSnapshot(`
      "+0.000s #2  was submitted to romeo@example.net/phone, which is not connected yet, and queued: number 1, the only one unacked
                    nothing can be sent before there is a connection
      +0.000s #3  romeo@example.net/phone was connected: it was written to c1, without stream management
                    without stream management a stanza is written once, and nobody acks it (RFC 6120 §4.6 promises no more)
      => written to romeo@example.net/phone at +0.000s without stream management, so nobody can say whether it arrived"
    `)
  })

  test('to a server that refuses stream management', () => {
    expect(storyOf(['want', 'submit m1', 'request-enable', 'failed'])).toMatchInlineSnapshot(`
      "+0.000s #2  was submitted to romeo@example.net/phone, which is not connected yet, and queued: number 1, the only one unacked
                    nothing can be sent before there is a connection
      +0.000s #3  romeo@example.net/phone was connected: it was written to c1 behind <enable/>
                    what waited for a connection is sent once <enable/> is, and counts from there (XEP-0198 §4)
      +0.000s #4  the peer refused stream management: nobody will ack it
                    without stream management a stanza is written once, and nobody acks it (RFC 6120 §4.6 promises no more)
      => written to romeo@example.net/phone at +0.000s without stream management, so nobody can say whether it arrived"
    `)
  })

  test('that cannot be made', () => {
    expect(storyOf(['want', 'submit m1', 'unreachable'], { s2sResend: true })).toMatchInlineSnapshot(`
      "+0.000s #2  was submitted to romeo@example.net/phone, which is not connected yet, and queued: number 1, the only one unacked
                    nothing can be sent before there is a connection
      +0.000s #3  the session of romeo@example.net/phone ended while it waited
                    the other server was not found (RFC 6120 §8.3.3.16)
                  it was given back to the application with remote-server-not-found
                    what never had a connection to go over comes back to its application
      => given back to its sender at +0.000s, since romeo@example.net/phone never had a connection"
    `)
    expect(storyOf(['want', 'submit m1', 'unreachable remote-server-timeout'])).toContain(
      'the other server could not be reached in time',
    )
  })

  test('and is over its limit', () => {
    expect(storyOf(['want', 'submit m2 m1'], { queueCeiling: 1 })).toMatchInlineSnapshot(`
      "+0.000s #3  was submitted to romeo@example.net/phone, where too much waits already
                  the session of romeo@example.net/phone ended while it waited
                    more was unacked than queueCeiling = 1, queue_bytes_per_session = 16777216 or queue_bytes_per_user = 33554432 allows, so that memory stays bounded
                  it was given back to the application
                    what never had a connection to go over comes back to its application
      => given back to its sender at +0.000s, since romeo@example.net/phone never had a connection"
    `)
  })

  test('and still does at the end', () => {
    expect(storyOf(['want', 'submit m1', 'stop journalled', 'restart'])).toMatchInlineSnapshot(`
      "+0.000s #2  was submitted to romeo@example.net/phone, which is not connected yet, and queued: number 1, the only one unacked
                    nothing can be sent before there is a connection
      => still waiting for the first connection of romeo@example.net/phone at the end of the recording"
    `)
  })
})

describe('the story of a message whose link dies', () => {
  const program = ['want', 'submit m1', 'request-enable', 'enabled', 'lose-transport']

  test('and that is routed anew, once', () => {
    expect(
      storyOf([...program, 'want', 'submit m1(again)', 'request-enable', 'lose-transport'], { s2sResend: true }),
    ).toMatchInlineSnapshot(`
      "+0.000s #2  was submitted to romeo@example.net/phone, which is not connected yet, and queued: number 1, the only one unacked
                    nothing can be sent before there is a connection
      +0.000s #3  romeo@example.net/phone was connected: it was written to c1 behind <enable/>
                    what waited for a connection is sent once <enable/> is, and counts from there (XEP-0198 §4)
      +0.000s #4  an ack was requested: <r/> on c1
                    an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +0.000s #5  the session of romeo@example.net/phone ended while it waited
                    the line dropped, and resumption was not agreed (XEP-0198 §5)
                  it was routed anew
                    what a dead link leaves unacked is routed anew, once: smacks_s2s_resend = true
      +0.000s #7  was submitted to romeo@example.net/phone, which is not connected yet, and queued: number 1, the only one unacked
                    nothing can be sent before there is a connection
      +0.000s #8  romeo@example.net/phone was connected: it was written to c2 behind <enable/>
                    what waited for a connection is sent once <enable/> is, and counts from there (XEP-0198 §4)
      +0.000s #9  the session of romeo@example.net/phone ended while it waited
                    the line dropped, and resumption was not agreed (XEP-0198 §5)
                  it was given back to the application
                    it was routed anew once already, and it must not go in circles
      => returned to its sender at +0.000s, since romeo@example.net/phone did not ack it; it was written to romeo@example.net/phone once before that and never acked, so it may have arrived there all the same"
    `)
  })

  test('and that is given back', () => {
    expect(storyOf(program)).toMatchInlineSnapshot(`
      "+0.000s #2  was submitted to romeo@example.net/phone, which is not connected yet, and queued: number 1, the only one unacked
                    nothing can be sent before there is a connection
      +0.000s #3  romeo@example.net/phone was connected: it was written to c1 behind <enable/>
                    what waited for a connection is sent once <enable/> is, and counts from there (XEP-0198 §4)
      +0.000s #4  an ack was requested: <r/> on c1
                    an ack is requested when more than 0 are unacked: smacks_max_unacked_stanzas = 0 (XEP-0198 §4)
      +0.000s #5  the session of romeo@example.net/phone ended while it waited
                    the line dropped, and resumption was not agreed (XEP-0198 §5)
                  it was given back to the application
                    what a session leaves unacked comes back to its application (XEP-0198 §4): smacks_s2s_resend = false
      => returned to its sender at +0.000s, since romeo@example.net/phone did not ack it; it was written to romeo@example.net/phone once before that and never acked, so it may have arrived there all the same"
    `)
  })

  test('as the process stops', () => {
    expect(storyOf(['want', 'submit m1', 'request-enable', 'stop'], { s2sResend: true })).toMatchInlineSnapshot(`
      "+0.000s #2  was submitted to romeo@example.net/phone, which is not connected yet, and queued: number 1, the only one unacked
                    nothing can be sent before there is a connection
      +0.000s #3  romeo@example.net/phone was connected: it was written to c1 behind <enable/>
                    what waited for a connection is sent once <enable/> is, and counts from there (XEP-0198 §4)
      +0.000s #4  the session of romeo@example.net/phone ended while it waited
                    the server stopped, and sessions do not outlive it
                  it was given back to the application
                    nobody is left to route it anew when the process stops
      => returned to its sender at +0.000s, since romeo@example.net/phone did not ack it; it was written to romeo@example.net/phone once before that and never acked, so it may have arrived there all the same"
    `)
  })
})
