/** Bundles for no platform in particular: an import of a host's module fails the build. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export interface Bundle {
  readonly code: string
  /** Bytes of UTF-8. */
  readonly bytes: number
  readonly gzippedBytes: number
  /** Bytes of each room and library in it, the greatest first. */
  readonly parts: ReadonlyMap<string, number>
}

export interface BundleOptions {
  /** TypeScript that imports what is wanted, as if it stood in the tests' folder. */
  readonly contents: string
  readonly format?: 'esm' | 'iife'
  /** The variable that an `iife` leaves its exports in. */
  readonly globalName?: string
}

export const bundle = async (options: BundleOptions): Promise<Bundle> => {
  const { contents, format = 'esm', globalName } = options
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: at('.'), loader: 'ts' },
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format,
    ...(globalName === undefined ? {} : { globalName }),
    charset: 'utf8',
    logLevel: 'silent',
    plugins: [fromSources],
  })
  const [file] = outputFiles
  const [output] = Object.values(metafile.outputs)
  if (file === undefined || output === undefined) throw new Error('esbuild wrote nothing')
  return {
    code: file.text,
    bytes: file.contents.length,
    gzippedBytes: gzipSync(file.contents, { level: 9 }).length,
    parts: partsOf(Object.entries(output.inputs)),
  }
}

/** The rooms as they are now, built or not. */
const fromSources: Plugin = {
  name: 'from-sources',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^@smacks\// }, ({ path }) => ({
      path: at(`../../packages/${path.slice('@smacks/'.length)}/src/index.ts`),
      sideEffects: false,
    })),
}

const partsOf = (
  inputs: ReadonlyArray<readonly [path: string, input: { readonly bytesInOutput: number }]>,
): ReadonlyMap<string, number> => {
  const parts = new Map<string, number>()
  for (const [path, { bytesInOutput }] of inputs) {
    const part = partOf(path)
    if (bytesInOutput > 0) parts.set(part, (parts.get(part) ?? 0) + bytesInOutput)
  }
  return new Map([...parts].sort(([, left], [, right]) => right - left))
}

const partOf = (path: string): string =>
  /.*node_modules\/(@[^/]+\/[^/]+|[^/]+)\//.exec(path)?.[1] ?? /packages\/([^/]+)\/src\//.exec(path)?.[1] ?? path
