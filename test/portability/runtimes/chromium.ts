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
        const problems: Array<string> = []
        page.on('pageerror', error => problems.push(error.message))
        await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
        await page
          .waitForFunction(() => 'told' in globalThis, undefined, { timeout: patience })
          .catch(error => {
            throw new Error([...problems, String(error)].join('\n'))
          })
        const report = await page.evaluate(() => (globalThis as unknown as { readonly told: string }).told)
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

const index = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
import { report } from './${suiteModule}'
import { corpus } from './${corpusModule}'
globalThis.told = JSON.stringify(await report(corpus))
</script>`

const serveFolder = (folder: string): Promise<Server> => {
  const modules = new Map([suiteModule, corpusModule].map(name => [`/${name}`, readFileSync(join(folder, name))]))
  const server = createServer(({ url = '' }, response) => {
    const module = modules.get(url)
    if (url === '/') response.setHeader('content-type', 'text/html').end(index)
    else if (module !== undefined) response.setHeader('content-type', 'text/javascript; charset=utf-8').end(module)
    else response.writeHead(404).end()
  })
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}
