/** A recording in a terminal: as a diagram, as a list of stanzas, and as narrow as it is; and as a page. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { foldLine } from '@smacks/replay'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { runCommand } from '../../../../apps/server/src/command/program.js'
import { writePage } from '../../../../apps/server/src/command/replay/page.js'
import { temporaryFolder } from '../../../support/places.js'
import { fakeTerminal } from './terminal.js'

const folder = temporaryFolder('pictures')
afterAll(() => {
  vi.unstubAllEnvs()
  folder.remove()
})

const recording = fileURLToPath(new URL('../../../recordings/cut-by-reset.ndjson', import.meta.url))

const replay = async (columns: number | undefined, ...args: ReadonlyArray<string>) => {
  vi.stubEnv('NO_COLOR', '1')
  const terminal = fakeTerminal(columns === undefined ? {} : { isTTY: true, columns })
  const code = await runCommand(['replay', recording, ...args], {
    terminal,
    signals: { on: () => {}, off: () => {}, exit: () => {} },
    loadParts: () => Promise.reject(new Error('no server here')),
  })
  return { code, said: terminal.said(), complained: terminal.complained() }
}

describe('replay', () => {
  test('--diagram draws what passed, no wider than the terminal', async () => {
    const { code, said } = await replay(72, '--diagram')
    expect(code).toBe(0)
    expect(said).toMatch(/\|-- <enable resume='true'\/> -+>\|/)
    expect(said).toMatch(/: cut: tcp-2 is gone/)
    expect(said).toMatch(/again message/)
    for (const line of said.split('\n')) expect(line.length).toBeLessThanOrEqual(72)
    expect(said).toMatch(/verified: 36 steps of 2 accounts\n$/)
  })

  test('--stanzas lists each with its fate, as JSON too', async () => {
    const { code, said } = await replay(undefined, '--stanzas')
    expect(code).toBe(0)
    expect(said).toMatch(
      /^#14 message before-1 \(chat\) from romeo@localhost\/orchard to juliet@localhost\/balcony: acked$/m,
    )
    const json = await replay(undefined, '--stanzas', '--json')
    const rows = json.said
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(rows.find(({ stanza }) => stanza.id === 'before-1')).toMatchObject({
      first: 14,
      fate: 'acked',
      fates: { acked: 1 },
    })
    expect(rows).toHaveLength(said.trim().split('\n').length - 1)
  })

  test.each([[[]], [['--explain', 'before-1']], [['--stanzas']]])('%j folds lines between words', async args => {
    const [wide, narrow] = [await replay(undefined, ...args), await replay(50, ...args)]
    const long = narrow.said.split('\n').filter(line => line.length > 50)
    // A word that is wider than half a line stands alone.
    for (const line of long) expect(line.trim()).not.toContain(' ')
    expect(narrow.said.split(/\s+/)).toEqual(wide.said.split(/\s+/))
  })

  test.each([
    [['--diagram', '--stanzas'], '--stanzas goes without --diagram.'],
    [['--explain', 'm1', '--html', 'x.html'], '--explain goes without --html.'],
    [['--diagram', '--json'], '--diagram goes without --json.'],
    [['--html', recording], `${recording} is the recording itself.`],
    [[recording, '--html', 'x.html'], ''],
  ])('%j is wrong usage', async (args, complaint) => {
    const { code, complained } = await replay(undefined, ...args)
    expect([code, complained]).toEqual([2, expect.stringContaining(complaint)])
  })
})

const page = '<body><script type="application/gzip;base64" id="recording"></script></body>'

describe('the page', () => {
  const writing = async (files: ReadonlyArray<string>, words: Parameters<typeof writePage>[2]) => {
    const terminal = fakeTerminal()
    const code = await writePage(terminal, files, words, async () => page)
    return { code, said: terminal.said().trim(), complained: terminal.complained() }
  }

  test('has the recording in it, whole', async () => {
    const html = join(folder.path, 'out.html')
    expect(await writing([recording], { html })).toEqual({ code: 0, said: html, complained: '' })
    const [, name, text = ''] = /data-name="([^"]*)">([^<]*)<\/script><\/body>$/.exec(readFileSync(html, 'utf8')) ?? []
    expect(name).toBe('cut-by-reset.ndjson')
    expect(gunzipSync(Buffer.from(text, 'base64')).toString()).toBe(readFileSync(recording, 'utf8'))
  })

  test('says where it is if nothing can open it', async () => {
    vi.stubEnv('PATH', '')
    const { code, said, complained } = await writing([recording], { open: true })
    expect(code).toBe(1)
    expect(existsSync(said)).toBe(true)
    expect(complained).toMatch(/^Nothing here opens pages \(\S+\): open .*replay\.html/)
  })

  test('is not written where it cannot be, or of what is not there', async () => {
    const html = join(folder.path, 'nowhere', 'out.html')
    await expect(writing([recording], { html })).rejects.toThrow(`${html} cannot be written: `)
    const missing = join(folder.path, 'missing.ndjson')
    await expect(writing([missing], { html: join(folder.path, 'out2.html') })).rejects.toThrow('there is no such file')
    expect(existsSync(join(folder.path, 'out2.html'))).toBe(false)
    const copy = join(folder.path, 'copy.ndjson')
    copyFileSync(recording, copy)
    writeFileSync(join(folder.path, 'other'), '')
    await expect(writing([copy, recording], {})).rejects.toThrow('A page has one recording in it')
  })
})

test('folded lines have the words of the line, and are as narrow as they can be', () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '#'), minLength: 1, maxLength: 12 }), {
    minLength: 1,
  })
  fc.assert(
    fc.property(words, fc.integer({ min: 16, max: 40 }), fc.nat(8), (all, width, hang) => {
      const lines = foldLine(all.join(' '), width, hang)
      expect(lines.join(' ').split(/ +/).filter(Boolean)).toEqual(all)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(Math.max(width, hang + 12))
    }),
  )
})
