/** What became of each client in each scene, as a table in Markdown. */
import type { Result } from './scene.js'
import type { Verdict } from './verdict.js'

export interface Column {
  readonly name: string
  readonly results: ReadonlyMap<string, Result>
}

export const tableOf = (columns: ReadonlyArray<Column>): string => {
  const names = [...new Set(columns.flatMap(({ results }) => [...results.keys()]))]
  const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(' | ')} |`
  return [
    row(['client', ...columns.map(({ name }) => name)]),
    row(['---', ...columns.map(() => '---')]),
    ...names.map(name => row([name, ...columns.map(({ results }) => cellOf(results.get(name)))])),
  ].join('\n')
}

const cellOf = (result: Result | undefined): string => {
  if (result === undefined) return ''
  const faults = [...faultsOf(result.toClient, 'to it'), ...faultsOf(result.fromClient, 'from it')]
  return [result.session, ...faults].join(', ')
}

const faultsOf = (verdict: Verdict, which: string): ReadonlyArray<string> =>
  (['lost', 'doubled', 'reordered'] as const)
    .filter(fate => verdict[fate].length > 0)
    .map(fate => `${verdict[fate].length} ${which} ${fate}`)
