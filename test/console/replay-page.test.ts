/** The replay page, operated in Chromium from its file: nothing is served, and nothing is asked for. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { writeReplayPage } from '@smacks/recording-files'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/places.js'
import { writeLongRecording } from './long-recording.js'
import { type Browser, buildPage, missingBrowser, recordingNamed, screenshot, startBrowser } from './page.js'

const folder = temporaryFolder('replay-page')
afterAll(folder.remove)

describe.skipIf(missingBrowser !== undefined)(`the replay page${missingBrowser ? ` (${missingBrowser})` : ''}`, () => {
  let file: string
  let browser: Browser
  beforeAll(async () => {
    file = await buildPage(folder.path)
    browser = await startBrowser()
  })
  afterAll(() => browser?.close())

  const opened = async (recording: string, options?: { readonly dark?: boolean }): Promise<Page> => {
    const page = await browser.open(file, options)
    await page.setInputFiles('input[type=file]', recording)
    await page.locator('.stepper').waitFor()
    return page
  }

  const drop = async (page: Page, name: string): Promise<void> => {
    const text = readFileSync(recordingNamed(name), 'utf8')
    const [file, content] = [JSON.stringify(`${name}.ndjson`), JSON.stringify(text)]
    const transfer = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File([${content}], ${file})); return data })()`,
    )
    await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
    await page.locator('.stepper').waitFor()
  }

  const serious = async (page: Page): Promise<ReadonlyArray<string>> => {
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
    const { violations } = (await page.evaluate('axe.run()')) as { readonly violations: ReadonlyArray<Violation> }
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
  }

  test('takes a recording that is dropped, verifies it, and draws what passed', async () => {
    const page = await browser.open(file)
    await drop(page, 'cut-by-reset')
    expect(await page.locator('.banner').innerText()).toMatch(/^Verified: 36 steps of 2 accounts\./)
    const rows = page.locator('.row')
    await rows.first().waitFor()
    const labels = await rows.evaluateAll(all => all.map(row => row.textContent ?? ''))
    expect(labels.join('\n')).toMatch(/<enable resume='true'\/>, to the server, juliet@localhost\/balcony/)
    expect(labels.join('\n')).toMatch(/iq result fence-24, from the server/)
    await page.close()
  })

  test('goes through the steps by slider, keys and time, with event, effects and state beside each other', async () => {
    const page = await opened(recordingNamed('cut-by-reset'))
    const title = page.locator('#step-title')
    await page.getByRole('slider', { name: 'Step' }).fill('10')
    await title.filter({ hasText: 'Step #11' }).waitFor()
    await page.getByRole('button', { name: 'Next step' }).click()
    await title.filter({ hasText: 'Step #12' }).waitFor()
    await page.getByRole('group', { name: /^Sequence diagram/ }).focus()
    await page.keyboard.press('ArrowUp')
    await title.filter({ hasText: 'Step #11' }).waitFor()
    await page.keyboard.press('End')
    await title.filter({ hasText: 'Step #36' }).waitFor()
    await page.getByLabel('go to').fill('#4')
    await page.getByRole('button', { name: 'Go', exact: true }).click()
    await title.filter({ hasText: 'Step #4' }).waitFor()
    expect(await page.getByRole('group', { name: 'Event' }).innerText()).toMatch(/#4 \+0\.\d+s juliet@localhost/)
    expect(await page.getByRole('group', { name: /^Effects/ }).innerText()).toMatch(/send presence/)
    expect(await page.getByRole('group', { name: 'State after it' }).innerText()).toMatch(/balcony is active/)
    await page.getByLabel('go to').fill('yesterday')
    await page.getByRole('button', { name: 'Go', exact: true }).click()
    expect(await page.getByRole('alert').innerText()).toMatch(/allowed: a time as 2026-01-31T12:00:00Z/)
    await page.close()
  })

  test('lists every stanza with its fate, finds it by id, from and to, and tells its story', async () => {
    const page = await opened(recordingNamed('cut-by-reset'))
    await page.getByRole('tab', { name: /^Stanzas/ }).click()
    const found = page.locator('output')
    await page.getByRole('searchbox', { name: 'from' }).fill('romeo')
    await page.getByRole('searchbox', { name: 'to', exact: true }).fill('juliet')
    await page.getByRole('searchbox', { name: 'id' }).fill('BEFORE-1')
    await found.filter({ hasText: /^1 found$/ }).waitFor()
    const row = page.locator('.stanzas tbody tr')
    expect(await row.innerText()).toMatch(/message before-1 \(chat\)\s+romeo@localhost\/orchard\s+.*\s+acked/)
    await row.getByRole('button').click()
    expect(await page.locator('.verdict').innerText()).toMatch(
      /^acked by juliet@localhost\/balcony at .*; delivered once$/,
    )
    await page.locator('.story li button').first().click()
    await page.locator('#step-title').filter({ hasText: 'Step #' }).waitFor()
    await screenshot(page, 'stanzas-and-story')
    await page.getByRole('button', { name: 'Close' }).click()
    expect(await page.locator('.story').count()).toBe(0)
    await page.close()
  })

  test('tells the story of a stanza that is clicked in the diagram', async () => {
    const page = await opened(recordingNamed('cut-inside-a-stanza-to-the-client'))
    await page.locator('.row:has-text("message")').first().click()
    expect(await page.locator('.verdict').first().innerText()).toMatch(/acked by|it came once/)
    await screenshot(page, 'diagram-and-story')
    await page.close()
  })

  test('shows a divergence where it begins', async () => {
    const lines = readFileSync(recordingNamed('happy-path'), 'utf8').split('\n')
    const index = lines.findIndex(line => line.includes('"_tag":"AckReceived"') && line.includes('"acked"'))
    const changed = join(folder.path, 'changed.ndjson')
    writeFileSync(
      changed,
      lines.map((line, at) => (at === index ? line.replace(/"acked":\d+/, '"acked":77') : line)).join('\n'),
    )
    const { seq } = JSON.parse(lines[index] ?? '{}') as { seq: number }
    const page = await opened(changed)
    expect(await page.locator('.banner').innerText()).toMatch(`Diverges at step #${seq}`)
    await page.getByRole('button', { name: 'Go to the first' }).click()
    await page
      .locator('#step-title')
      .filter({ hasText: `Step #${seq}` })
      .waitFor()
    expect(await page.locator('.difference').innerText()).toMatch(/acked: recorded 77, replayed \d+/)
    await screenshot(page, 'divergence')
    await page.close()
  })

  test('opens redacted recordings, and says so', async () => {
    const page = await opened(recordingNamed('presence-and-roster-redacted'))
    expect(await page.locator('.banner').innerText()).toMatch(/^Verified: .*Redacted/s)
    await page.close()
  })

  test('has a recording in it that was put there, whatever that says', async () => {
    const awkward = '</script><script>document.title = "taken"</script><!-- &amp;'
    const lines = readFileSync(recordingNamed('happy-path'), 'utf8')
    const whole = lines.replace('"by":"', `"by":"${JSON.stringify(awkward).slice(1, -1)}`)
    const path = join(folder.path, 'with-recording.html')
    await writeReplayPage(readFileSync(file, 'utf8'), '"><b>name</b>.ndjson', () => Readable.from([whole]), path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const page = await browser.open(path)
    await page.locator('.stepper').waitFor()
    expect(await page.title()).toBe('smacks replay')
    expect(await page.locator('.file').innerText()).toBe('"><b>name</b>.ndjson')
    expect(await page.locator('.banner').innerText()).toMatch(/^Verified: /)
    await page.close()
  })

  test('says what is wrong with a file that is no recording', async () => {
    const page = await browser.open(file)
    await page.setInputFiles('input[type=file]', { name: 'no.ndjson', mimeType: '', buffer: Buffer.from('{"a":1}\n') })
    expect(await page.getByRole('alert').innerText()).toMatch(/^no\.ndjson, line 1: this is no recording/)
    await page.close()
  })

  test('keeps a long recording usable: few rows in the document, any step at hand', async () => {
    const path = join(folder.path, 'long.ndjson')
    const sent = writeLongRecording(path, 20_000)
    const page = await browser.open(file)
    page.setDefaultTimeout(110_000)
    await page.setInputFiles('input[type=file]', path)
    await page.locator('progress').waitFor()
    await page.locator('.stepper').waitFor()
    for (const seq of [15_000, 3]) {
      await page.getByLabel('go to').fill(`#${seq}`)
      await page.keyboard.press('Enter')
      await page
        .locator('#step-title')
        .filter({ hasText: `Step #${seq}` })
        .waitFor()
      await page.locator('.row.selected').first().waitFor()
      expect(await page.locator('.row').count()).toBeLessThan(100)
    }
    await page.getByRole('tab', { name: `Stanzas (${sent})` }).click()
    await page.getByRole('searchbox', { name: 'id' }).fill(`m${sent - 500}`)
    await page
      .locator('output')
      .filter({ hasText: /^1 found$/ })
      .waitFor()
    await page.locator('.stanzas button.link').click()
    expect(await page.locator('.verdict').innerText()).toMatch(/^acked by/)
    await page.close()
  }, 180_000)

  for (const dark of [false, true])
    test(`has nothing serious for axe, ${dark ? 'dark' : 'light'}`, async () => {
      const page = await browser.open(file, { dark })
      expect(await serious(page)).toEqual([])
      await page.setInputFiles('input[type=file]', recordingNamed('resumed-twice'))
      await page.locator('.row').first().waitFor()
      await page.locator('.row:has-text("message")').first().click()
      await page.locator('.verdict').first().waitFor()
      await screenshot(page, dark ? 'dark' : 'light')
      expect(await serious(page)).toEqual([])
      await page.getByRole('tab', { name: /^Stanzas/ }).click()
      await page.locator('.stanzas tbody tr').first().waitFor()
      expect(await serious(page)).toEqual([])
      await page.close()
    })
})

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: ReadonlyArray<{ readonly html: string }>
}
