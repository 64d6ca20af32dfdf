/** The replay page, built anew and opened from its file in Chromium. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { findProgram, temporaryFolder } from '../support/places.js'

const program = findProgram('chromium')

/** Why the tests of the page cannot run here; nothing if they can. */
export const missingBrowser =
  program === undefined ? 'Chromium is not installed (Debian: apt install chromium)' : undefined

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export const recordingNamed = (name: string): string => at(`../recordings/${name}.ndjson`)

/** Screenshots are kept here, and not committed. */
const artefacts = at('../artefacts')

export const buildPage = async (folder: string): Promise<string> => {
  await build({
    configFile: at('../../apps/console/vite.config.js'),
    logLevel: 'silent',
    build: { outDir: folder, emptyOutDir: false },
  })
  return join(folder, 'replay.html')
}

export interface Browser {
  readonly open: (file: string, options?: { readonly dark?: boolean }) => Promise<Page>
  readonly close: () => Promise<void>
}

export const startBrowser = async (): Promise<Browser> => {
  const profile = temporaryFolder('page')
  const context: BrowserContext = await chromium.launchPersistentContext(profile.path, {
    executablePath: program ?? '',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    viewport: { width: 1280, height: 800 },
    timeout: 60_000,
  })
  // What works offline asks nobody for anything.
  const asked: Array<string> = []
  context.on('request', request => {
    if (!/^(file|blob|data):/.test(request.url())) asked.push(request.url())
  })
  return {
    open: async (file, { dark = false } = {}) => {
      const page = await context.newPage()
      page.setDefaultTimeout(30_000)
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
      await page.goto(pathToFileURL(file).href)
      return page
    },
    close: async () => {
      await context.close()
      profile.remove()
      if (asked.length > 0) throw new Error(`the page asked for ${asked.join(', ')}`)
    },
  }
}

export const screenshot = async (page: Page, name: string): Promise<void> => {
  const path = join(artefacts, `${name}.png`)
  mkdirSync(dirname(path), { recursive: true })
  await page.screenshot({ path })
}
