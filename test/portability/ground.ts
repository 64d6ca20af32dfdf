/** The folder that every runtime gets: the suite as one module, and the corpus as another. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.js'
import { corpusModule, suiteModule } from './runtimes/runtime.js'
import type { Corpus } from './suite/report.js'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const filesOf = (folder: string, ending: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter(name => name.endsWith(ending))
      .sort()
      .map(name => [name, readFileSync(join(folder, name), 'utf8')]),
  )

/** All transcripts, and all recordings that are kept. */
export const corpus: Corpus = {
  transcripts: filesOf(at('../transcripts'), '.txt'),
  recordings: filesOf(at('../recordings'), '.ndjson'),
}

/** Writes the two modules. */
export const furnish = async (folder: string): Promise<void> => {
  const { code } = await bundle({ contents: "export { report } from './suite/report.js'" })
  writeFileSync(join(folder, suiteModule), code)
  writeFileSync(join(folder, corpusModule), `export const corpus = ${JSON.stringify(corpus)}\n`)
}
