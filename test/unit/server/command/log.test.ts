import { describe, expect, test } from 'vitest'
import { createLog, readableLine } from '../../../../apps/server/src/log.js'

const logged = (
  isTTY: boolean,
  write: (log: ReturnType<typeof createLog>) => void,
  level: 'debug' | 'info' = 'info',
) => {
  let text = ''
  write(createLog({ level, out: { isTTY, write: chunk => (text += chunk) } }))
  return text
}

describe('the log', () => {
  test('is JSON, one object a line, where no terminal is', () => {
    const text = logged(false, log => log.info({ address: '127.0.0.1:5222' }, 'listening'))
    expect(text.endsWith('\n')).toBe(true)
    expect(JSON.parse(text)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      address: '127.0.0.1:5222',
      msg: 'listening',
    })
  })

  test('is lines to read on a terminal', () =>
    expect(
      logged(true, log => log.info({ address: '127.0.0.1:5222', count: 2, domains: ['a b'] }, 'listening')),
    ).toMatch(/^\d\d:\d\d:\d\d {2}info {3}listening {2}address=127\.0\.0\.1:5222 count=2 domains=\["a b"\]\n$/))

  test('keeps below its level silent', () => {
    expect(logged(false, log => log.debug('x'))).toBe('')
    expect(logged(false, log => log.debug('x'), 'debug')).not.toBe('')
  })

  test.each([true, false])('hides what is secret (terminal: %s)', isTTY => {
    const text = logged(isTTY, log => {
      log.info({ password: 's3cret', user: { password: 's3cret' } }, 'login')
      log.info({ stanza: 's3cret', event: { xml: 's3cret', body: 's3cret' } }, 'routed')
    })
    expect(text).not.toContain('s3cret')
    expect(text).toContain('[hidden]')
  })

  test('shows the stack of an error', () =>
    expect(logged(true, log => log.error({ err: new Error('broken') }, 'a fault'))).toMatch(
      /a fault\n {4}Error: broken\n {4} +at /,
    ))

  test('does not let a peer command the terminal', () => {
    const text = logged(true, log => log.info({ resource: '\u001b[2J\nfake' }, 'bound \u0007'))
    expect(text.trimEnd()).not.toMatch(/\p{Cc}/u)
    expect(text).toContain('\\u001b[2J')
  })

  test('leaves what is no JSON as it is', () => expect(readableLine('plain text\n')).toBe('plain text'))
})
