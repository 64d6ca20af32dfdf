/** Chromium, headless, on a page of a loopback server. */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium as launcher } from 'playwright-core'
import { findProgram, temporaryFolder } from '../../support/places.js'
import { corpusModule, patience, type Runtime, suiteModule } from './runtime.js'

const program = findProgram('chromium')

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const chromium: Runtime = {
  name: 'Chromium',
  absence: () => (program === undefined ? 'Chromium is not installed (Debian: apt install chromium)' : undefined),
  run: async folder => {
    const server = await serveFolder(folder)
    const profile = temporaryFolder('chromium')
    try {
      const options = { executablePath: program ?? '', headless: true, args, timeout: patience }
      const context = await launcher.launchPersistentContext(profile.path, options)
      try {
        const page = await context.newPage()
        await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
        const report = String(await page.evaluate(script))
        return { version: context.browser()?.version() ?? 'of unknown version', report }
      } finally {
        await context.close()
      }
    } finally {
      server.close()
      profile.remove()
    }
  },
}

const script = `(async () => {
  const { report } = await import('/${suiteModule}')
  const { corpus } = await import('/${corpusModule}')
  return JSON.stringify(await report(corpus))
})()`

const blank = '<!doctype html><link rel="icon" href="data:,">'

const serveFolder = (folder: string): Promise<Server> => {
  const modules = new Map([suiteModule, corpusModule].map(name => [`/${name}`, readFileSync(join(folder, name))]))
  const server = createServer(({ url = '' }, response) => {
    const module = modules.get(url)
    if (url === '/') response.setHeader('content-type', 'text/html').end(blank)
    else if (module !== undefined) response.setHeader('content-type', 'text/javascript; charset=utf-8').end(module)
    else response.writeHead(404).end()
  })
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}
