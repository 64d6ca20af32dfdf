/** A recording as a sequence diagram in the terminal, or as a list of its stanzas. */
import { styleText } from 'node:util'
import { createMarksTimeline, type Mark, type Tone, toneStyles } from '@smacks/diagram'
import { createStanzaList, describeFates, describeIdentity, foldLine, isOfCore, marksOf } from '@smacks/replay'
import type { Screen } from '../terminal.js'
import type { RecordedEntry } from './read.js'
import type { Run } from './run.js'
import type { Print, Tell } from './tell.js'

const paintTone = (tone: Tone, text: string): string =>
  toneStyles[tone].reduce((painted, style) => styleText(style, painted, { validateStream: false }), text)

/** Draws each step that is told, as wide as the screen. */
export const drawDiagram = (print: Print, { columns }: Screen, isColoured: boolean): Tell => {
  let draw: ((mark: Mark) => void) | undefined
  return ({ header }, step) => {
    draw ??= createMarksTimeline({
      begun: header.at,
      write: text => print(text.replace(/\n$/, '')),
      ...(columns === undefined ? {} : { width: columns }),
      ...(isColoured ? { paint: paintTone } : {}),
    })
    if (isOfCore(step)) for (const mark of marksOf(step)) draw(mark)
  }
}

/** Reads all, and prints each stanza with what became of it. */
export const listStanzas = async (
  entries: AsyncIterable<RecordedEntry>,
  run: Run,
  print: Print,
  json: boolean,
  columns = Number.POSITIVE_INFINITY,
): Promise<void> => {
  let list = createStanzaList()
  const tell = (): void => {
    for (const { fates, ...row } of list.rows()) {
      const { stanza, first } = row
      const fate = describeFates({ fates, ...row })
      const names = [describeIdentity(stanza), stanza.from && `from ${stanza.from}`, stanza.to && `to ${stanza.to}`]
      const line = `#${first} ${names.filter(Boolean).join(' ')}: ${fate}`
      print(
        ...(json ? [JSON.stringify({ ...row, fate, fates: Object.fromEntries(fates) })] : foldLine(line, columns, 4)),
      )
    }
  }
  for await (const one of entries) {
    if (run.begins(one)) {
      tell()
      list = createStanzaList()
    }
    list.take(one.entry, run.take(one))
  }
  tell()
}
