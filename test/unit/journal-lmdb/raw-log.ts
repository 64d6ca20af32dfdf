/** The rows of a journal's log as they lie there, each the text of its segment's stamp and its lines; each at length; and others in their place. */
import { join } from 'node:path'
import type { Environment } from '@smacks/journal-lmdb'
import { nodeFolder, openContent, SegmentedLog } from '@smacks/log-file'
import { linesOf } from '../../../packages/journal-lmdb/src/row-lines.js'

export interface RawLog {
  readonly get: (seq: number) => string | undefined
  readonly putSync: (seq: number, text: string) => void
  readonly rows: () => ReadonlyMap<number, string>
}

/** Whoever has the journal open must not write to it after a change. */
export const rawLogIn = (env: Environment): RawLog => {
  const folder = nodeFolder(join((env as unknown as { readonly path: string }).path, 'journal'))
  const read = () => {
    const content = openContent(folder)
    const rows = new Map<number, string>()
    for (const found of content.read())
      if (found._tag === 'Record') rows.set(found.number, [found.stamp, ...linesOf(found.bytes)].join('\n'))
    content.close()
    return { rows, log: content.log ?? '', names: content.segments().map(({ name }) => name) }
  }
  return {
    get: seq => read().rows.get(seq),
    rows: () => read().rows,
    putSync: (seq, text) => {
      const { log, names, rows } = read()
      rows.set(seq, text)
      for (const name of names) folder.remove(name)
      for (const [number, row] of [...rows].sort(([one], [other]) => one - other)) {
        const content = openContent(folder)
        for (const _ of content.read()) void _
        const end = row.includes('\n') ? row.indexOf('\n') : row.length
        const written = new SegmentedLog({
          folder,
          log,
          stamp: row.slice(0, end),
          segmentSize: 1e9,
          isSynced: false,
          segments: content.segments(),
          last: number - 1,
        })
        written.append(row.slice(end + 1))
        written.close()
        content.close()
      }
    },
  }
}
