/** Whatever a document points to inside the project is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const notOurs = new Set(['node_modules', 'dist', '.git', 'coverage'])

const documentsIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : documentsIn(path)
    return entry.name.endsWith('.md') ? [path] : []
  })

/** The targets of a document's links, without those to other sites and without fragments. */
const targetsOf = (document: string): ReadonlyArray<string> =>
  [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(
    ([, target = '']) => target,
  )

it.each(documentsIn('').map(document => [document]))('%s points to what is there', document => {
  const missing = targetsOf(document).filter(target => !existsSync(join(root, dirname(document), target)))
  expect(missing).toEqual([])
})

it('finds links at all', () => expect(targetsOf('ARCHITECTURE.md').length).toBeGreaterThan(20))
