/** The built packages as somebody else has them, by their names: loaded as they are, or bundled by esbuild untold. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type BuildOptions, build } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/places.js'
import { platformBinary } from './runtimes/binary.js'

const folder = temporaryFolder('consumer')
afterAll(folder.remove)

/** The folder whose `node_modules` has the packages. */
const tests = fileURLToPath(new URL('..', import.meta.url))

/** The files of fp-ts and io-ts that come into a bundle of the packages that know no host. */
const librariesIn = async (options: BuildOptions): Promise<ReadonlyArray<string>> => {
  const rooms = ['core', 'codec', 'runtime', 'replay', 'stream', 'im']
  const contents = rooms.map(room => `export * as ${room} from '@smacks/${room}'`).join('\n')
  const { metafile } = await build({
    stdin: { contents, resolveDir: tests },
    bundle: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
    ...options,
  })
  return Object.keys(metafile?.inputs ?? {}).flatMap(path => /node_modules\/((?:fp|io)-ts\/.*)/.exec(path)?.[1] ?? [])
}

describe('a bundle of the packages has no CommonJS of fp-ts and io-ts', () => {
  const ways: ReadonlyArray<readonly [name: string, options: BuildOptions]> = [
    ['for a browser, as esbuild does untold', {}],
    ['for Node', { platform: 'node' }],
    ['for no platform in particular', { platform: 'neutral', mainFields: ['module', 'main'] }],
    ['for workerd, with conditions of its own', { conditions: ['workerd', 'worker', 'browser'] }],
  ]
  for (const [name, options] of ways)
    it(name, async () => {
      const files = await librariesIn(options)
      expect(files).toEqual(expect.arrayContaining(['fp-ts/es6/Either.js', 'io-ts/es6/index.js']))
      expect(files.filter(file => !/^(fp|io)-ts\/es6\//.test(file))).toEqual([])
    })
})

/** Imports all rooms. To read a record and to refuse one, codec needs both libraries. */
const program = `
${['core', 'codec', 'runtime', 'replay', 'stream', 'im', 'sasl', 'stream-c2s', 'stream-s2s'].map(room => `import '@smacks/${room}'`).join('\n')}
import { parseJid, parseJson } from '@smacks/codec'
console.log(parseJid('romeo@example.org')._tag, parseJson('{}')._tag, parseJson('{')._tag)`

describe('the packages are loaded as they are', () => {
  const runtimes: ReadonlyArray<readonly [name: string, binary: string | undefined, args: ReadonlyArray<string>]> = [
    ['Node', process.execPath, ['--input-type=module', '--eval', program]],
    ['Bun', platformBinary('bun', 'bin/bun'), ['--no-install', '--eval', program]],
    ['Deno', platformBinary('deno', 'deno'), ['eval', program]],
  ]
  for (const [name, binary, args] of runtimes)
    it.skipIf(binary === undefined)(`by ${name}`, async () => {
      const env = { ...process.env, DENO_DIR: join(folder.path, '.deno'), DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1' }
      const { stdout } = await promisify(execFile)(binary ?? '', args, { cwd: tests, env, timeout: 60_000 })
      expect(stdout.trim()).toBe('Some Right Left')
    })
})
