/**
 * Runtimes that come from npm: a small package, and one for each platform that holds the binary. Their installers would
 * only move it, so it is used where it is.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The binary of an npm package for this machine; nothing if there is none, or it was not installed. */
export const platformBinary = (name: string, binary: string): string | undefined => {
  const own = resolved(import.meta.url, `${name}/package.json`)
  if (own === undefined) return undefined
  const { optionalDependencies = {} } = createRequire(own)(own) as {
    readonly optionalDependencies?: Readonly<Record<string, string>>
  }
  for (const platform of Object.keys(optionalDependencies)) {
    // Only those of this machine are installed.
    const found = resolved(own, `${platform}/package.json`)
    if (found !== undefined) return join(dirname(found), binary)
  }
  return undefined
}

const resolved = (from: string, path: string): string | undefined => {
  try {
    return createRequire(from).resolve(path)
  } catch {
    return undefined
  }
}
