/** Edge cases of XEP-0198, by number: links between servers. */
import type { Config } from '@smacks/core'
import { describe, expect, test } from 'vitest'
import { dispositions, drive, tags } from '../driver.js'

/** A link that stands, and of which these are unacked. */
const linked = (options: Partial<Config>) => {
  const link = drive(options)
  link.want()
  link.requestEnable(true, undefined, { connection: 'c1' })
  link.enabled()
  link.submit('m1', 'm2')
  return link
}

describe('links between servers', () => {
  test('90. what is unacked when a link dies goes back once, or is routed anew once', () => {
    expect(dispositions(linked({ s2sResend: false }).lose())).toEqual(['m1: ReturnToSender', 'm2: ReturnToSender'])
    expect(dispositions(linked({ s2sResend: true }).lose())).toEqual(['m1: Redeliver', 'm2: Redeliver'])
  })

  test('90. the same when the peer closes, refuses to resume, or does not come back in time', () => {
    const link = () => linked({ s2sResend: true })
    const resumable = () => {
      const made = drive({ s2sResend: true })
      made.want()
      made.requestEnable(true, undefined, { connection: 'c1' })
      made.enabled({ resume: true, id: 'link' })
      made.submit('m1', 'm2')
      made.lose()
      return made
    }
    const refused = resumable()
    refused.requestResume()
    for (const effects of [link().closeStream(), refused.failed(), resumable().fire('hibernation')])
      expect(dispositions(effects)).toEqual(['m1: Redeliver', 'm2: Redeliver'])
  })

  test('90. what is routed anew comes after the end of the link, so that it cannot come back to it', () => {
    expect(tags(linked({ s2sResend: true }).lose())).toEqual(['EndSession', 'Redeliver', 'Redeliver', 'DisarmTimer'])
  })

  test('90. no loop: what was routed anew before goes back', () => {
    const link = linked({ s2sResend: true })
    link.submitAs({ again: true }, 'm3')
    expect(dispositions(link.lose())).toEqual(['m3: ReturnToSender', 'm1: Redeliver', 'm2: Redeliver'])
  })
})
