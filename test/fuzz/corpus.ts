/** The inputs that are kept: seeds, and whatever broke a promise once. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Target } from './target.js'

const folderOf = ({ name }: Pick<Target, 'name'>): string => fileURLToPath(new URL(`corpus/${name}/`, import.meta.url))

/** In the order of their names, so that a seed makes the same inputs of them. */
export const corpusOf = (target: Pick<Target, 'name'>): ReadonlyArray<Uint8Array> =>
  readdirSync(folderOf(target))
    .sort()
    .map(name => new Uint8Array(readFileSync(join(folderOf(target), name))))

/** Keeps an input that broke a promise; where. */
export const keep = (target: Pick<Target, 'name'>, input: Uint8Array): string => {
  const name = `found-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`
  mkdirSync(folderOf(target), { recursive: true })
  writeFileSync(join(folderOf(target), name), input)
  return join('test/fuzz/corpus', target.name, name)
}
