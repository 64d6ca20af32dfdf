/** The shell for TCP is Node's, and Deno has most of what it needs: clients can connect with TLS. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, expect, test } from 'vitest'
import { testCertificate } from '../support/certificate.js'
import { temporaryFolder } from '../support/places.js'
import { platformBinary } from './runtimes/binary.js'

const deno = platformBinary('deno', 'deno')
const folder = temporaryFolder('deno')
afterAll(folder.remove)

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const bundled = async (): Promise<void> => {
  await build({
    entryPoints: [at('./suite/tls.ts')],
    outfile: join(folder.path, 'tls.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
}

test.skipIf(deno === undefined)(
  'a transport on Deno speaks TLS, and gives those channel bindings that are the same at both ends',
  async () => {
    const { cert, key } = await testCertificate()
    writeFileSync(join(folder.path, 'cert.pem'), cert)
    writeFileSync(join(folder.path, 'key.pem'), key)
    await bundled()
    const run = promisify(execFile)
    const env = { ...process.env, DENO_DIR: join(folder.path, '.deno'), DENO_NO_UPDATE_CHECK: '1' }
    const args = ['run', '--no-prompt', '--no-config', '--no-remote', '--no-npm', '--allow-all', 'tls.mjs']
    const { stdout } = await run(deno ?? '', args, { cwd: folder.path, env, timeout: 60_000 })
    expect(stdout.trim().split('\n')).toEqual([
      'TLSv1.2: secure, tls-server-end-point of 32 bytes',
      'TLSv1.3: secure, tls-server-end-point of 32 bytes',
    ])
  },
  90_000,
)
