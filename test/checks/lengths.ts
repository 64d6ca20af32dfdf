/**
 * How long files and functions may be; run by `npm run check`. Lines that are blank or hold nothing but a comment are not
 * counted, so that nobody saves on those. Biome has rules for this too, but they cannot hold what is too long today to
 * its present length.
 *
 * `too-long.json` beside this file names what is too long still, with the lines that it has. Nothing there may grow, and
 * what became short enough is taken off: the list only shrinks.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

interface Lengths {
  /** Lines of the file. */
  readonly file?: number
  /** Lines of its longest function. */
  readonly function?: number
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const listName = 'test/checks/too-long.json'
const tooLong: Readonly<Record<string, Lengths>> = JSON.parse(readFileSync(`${root}/${listName}`, 'utf8'))

/** What a file is held to. A test file is a list of cases, and what encloses them is a function by its syntax only. */
const limitsOf = (path: string): Required<Lengths> => {
  if (!path.startsWith('test/')) return { file: 300, function: 70 }
  return { file: 400, function: path.endsWith('.test.ts') ? Number.POSITIVE_INFINITY : 70 }
}

/** In a file of fewer lines nothing is too long; most need not be parsed. */
const shortest = 70

const lengthsOf = (path: string): Required<Lengths> => {
  const text = readFileSync(`${root}/${path}`, 'utf8')
  const counted = withCode(text)
  if (counted.length < shortest) return { file: counted.length, function: 0 }
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest)
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line
  let longest = 0
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const lines = counted.slice(lineOf(node.getStart(source)), lineOf(node.end) + 1)
      longest = Math.max(longest, lines.filter(Boolean).length)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return { file: counted.filter(Boolean).length, function: longest }
}

/** For each line, whether there is more on it than a comment. */
const withCode = (text: string): ReadonlyArray<boolean> => {
  let isComment = false
  return text.split('\n').map(line => {
    const trimmed = line.trim()
    if (!isComment && trimmed.startsWith('/*')) isComment = true
    const counts = !isComment && trimmed !== '' && !trimmed.startsWith('//')
    if (trimmed.includes('*/')) isComment = false
    return counts
  })
}

const complaintsOf = (path: string): ReadonlyArray<string> => {
  const lengths = lengthsOf(path)
  const limits = limitsOf(path)
  return (['file', 'function'] as const).flatMap(what => {
    const [length, limit, listed] = [lengths[what], limits[what], tooLong[path]?.[what]]
    const name = `${path}: ${what === 'file' ? 'it' : 'its longest function'} has ${length} lines`
    if (length <= limit) return listed === undefined ? [] : [`${name}, which is short enough: take it off ${listName}`]
    if (listed === undefined) return [`${name}; at most ${limit} are allowed: split it`]
    return length > listed ? [`${name}, and had ${listed}; what is in ${listName} may only become shorter`] : []
  })
}

/** The sources of a folder, without what is installed or built there. */
const sourcesOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(`${root}/${folder}`, { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return ['node_modules', 'dist', '.generated'].includes(entry.name) ? [] : sourcesOf(path)
    return path.endsWith('.ts') && !path.endsWith('.d.ts') ? [path] : []
  })

const complaints = [
  ...Object.keys(tooLong)
    .filter(path => !existsSync(`${root}/${path}`))
    .map(path => `${path}: there is no such file; take it off ${listName}`),
  ...['packages', 'apps', 'test'].flatMap(sourcesOf).sort().flatMap(complaintsOf),
]
for (const complaint of complaints) console.error(complaint)
if (complaints.length > 0) process.exitCode = 1
