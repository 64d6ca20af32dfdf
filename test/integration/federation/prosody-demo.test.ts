/** How the demo of federation looks, and when it calls itself a success. */
import { describe, expect, test } from 'vitest'
import { createPage } from '../../demo-federation/page.js'
import { isAsConfigured, type Run } from '../../demo-federation/play.js'

const counts = {
  sent: 1_000,
  delivered: 990,
  returned: 0,
  both: 0,
  doubled: 0,
  returnedAgain: 0,
  lost: 0,
  conditions: [],
}
const run = (unacked: Run['unacked'], differing: Partial<Run['counts']>): Run => ({
  name: 'Prosody to ours',
  unacked,
  cuts: 100,
  counts: { ...counts, ...differing },
})

describe('a run is as configured', () => {
  test.each([
    ['if all came', 'returned', {}, true],
    ['if some came back', 'returned', { returned: 10, both: 5 }, true],
    ['if some came twice because they were sent again', 'sent again', { doubled: 10 }, true],
    ['unless one was lost', 'sent again', { lost: 1 }, false],
    ['unless one came twice although what is unacked is returned', 'returned', { doubled: 1 }, false],
    ['unless one came back twice', 'returned', { returned: 2, returnedAgain: 1 }, false],
    ['unless one came back although it is sent again', 'sent again', { returned: 1 }, false],
    ['unless nothing was sent', 'returned', { sent: 0 }, false],
  ] as const)('%s', (_, unacked, differing, expected) => {
    expect(isAsConfigured(run(unacked, differing))).toBe(expected)
  })
})

test('the page is plain ASCII without colour, at most 100 wide, and shows all counts', () => {
  const written: Array<string> = []
  const page = createPage(text => written.push(text), false)
  page.chapter('A chapter.')
  page.progress(1, 2, { ...counts, lost: 3 })
  page.table([run('sent again', { delivered: 991, doubled: 77, lost: 8 })])
  page.verdict(false, 7)
  const text = written.join('')
  expect(text).toMatch(/^[\n -~]*$/)
  for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
  expect(text).toMatch(/Prosody to ours +sent again +100 +1000 +991 +0 +0 +77 +8\n/)
  expect(text).toContain('3 missing')
  expect(text).toContain('seed 7')
})
