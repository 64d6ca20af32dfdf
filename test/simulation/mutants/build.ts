/** Makes a core with a fault, in memory: no file is changed. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { compileFunction } from 'node:vm'
import type * as Core from '@smacks/core'
import { build } from 'esbuild'
import type { Mutant } from './mutant.js'

const sources = fileURLToPath(new URL('../../../packages/core/src/', import.meta.url))

/** The core whose `file` has `replacement` in the place of `text`. */
export const mutated = async (mutant: Mutant): Promise<typeof Core> =>
  bundled(new Map([[`${sources}${mutant.file}`, await faultySource(mutant)]]))

/** `instead`: by path, what is read in the place of a file. */
const bundled = async (instead: ReadonlyMap<string, string>): Promise<typeof Core> => {
  const { outputFiles } = await build({
    entryPoints: [`${sources}index.ts`],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    logLevel: 'silent',
    plugins: [
      {
        name: 'a fault',
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, ({ path }) => {
            const contents = instead.get(path)
            return contents === undefined ? undefined : { contents, loader: 'ts' }
          })
        },
      },
    ],
  })
  const [output] = outputFiles
  if (output === undefined) throw new Error('the bundle of the core is empty')
  return evaluate(output.text)
}

/** A text that is not there, or there twice, would make a mutant that says something else than its name. */
const faultySource = async ({ name, file, text, replacement }: Mutant): Promise<string> => {
  const source = await readFile(`${sources}${file}`, 'utf8')
  const parts = source.split(text)
  if (parts.length !== 2)
    throw new Error(`"${name}": the text is in ${file} ${parts.length - 1} times, and once is allowed: ${text}`)
  return parts.join(replacement)
}

/** The libraries of the core are found from where it lies. */
const evaluate = (code: string): typeof Core => {
  const exported = { exports: {} as typeof Core }
  compileFunction(code, ['module', 'exports', 'require'])(
    exported,
    exported.exports,
    createRequire(`${sources}index.ts`),
  )
  return exported.exports
}
