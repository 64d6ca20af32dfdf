/** The version of the reference server, as its package states it. */
import { createRequire } from 'node:module'

const manifest: { readonly version: string } = createRequire(import.meta.url)('../package.json')

export const version = manifest.version
