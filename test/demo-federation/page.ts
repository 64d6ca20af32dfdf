/** How the demo looks: chapters, a line for each cut, and the table. */
import { styleText } from 'node:util'
import type { Counts } from '../support/federation/letters.js'
import type { Run } from './play.js'

export interface Page {
  readonly chapter: (text: string) => void
  readonly line: (text: string) => void
  /** A link was cut for the so-manieth time, and stands again. */
  readonly progress: (cut: number, cuts: number, counts: Counts) => void
  readonly table: (runs: ReadonlyArray<Run>) => void
  readonly verdict: (ok: boolean, seed: number) => void
}

type Tone = Parameters<typeof styleText>[0]

/** Without `color` it is plain ASCII. */
export const createPage = (write: (text: string) => unknown, color: boolean): Page => {
  const paint = (tone: Tone, text: string): string => (color ? styleText(tone, text) : text)
  const rule = color ? '─' : '-'
  const line = (text: string): void => void write(`${text.trimEnd()}\n`)
  let chapters = 0
  return {
    chapter: text => {
      chapters += 1
      line('')
      line(paint('bold', `${rule.repeat(2)} ${chapters}. ${text}`))
    },
    line: text => line(`   ${text}`),
    progress: (cut, cuts, { sent, delivered, returned, lost }) => {
      const counted = `${sent} sent, ${delivered} delivered, ${returned} returned`
      const settled = lost === 0 ? '' : paint('red', `, ${lost} missing`)
      line(`   ${paint('yellow', `cut ${cut} of ${cuts}`)}, and the link stands again: ${counted}${settled}`)
    },
    table: runs => {
      line('')
      line(paint('bold', row(['', 'what is unacked is', 'cuts', ...columns.map(({ title }) => title)])))
      for (const { name, unacked, cuts, counts } of runs)
        line(row([name, unacked, String(cuts), ...columns.map(({ of }) => String(of(counts)))]))
      line('')
      line('both: it arrived, and the link died before its ack was there.')
      line('doubled: it had arrived, and was sent again. Without resumption nobody can know; Prosody has none')
      line('between servers. Between two of ours links are resumed, and nothing of this happens.')
    },
    verdict: (ok, seed) => {
      line('')
      line(
        ok
          ? paint(['bold', 'green'], 'No message was lost, and each had the fate that is configured.')
          : paint(['bold', 'red'], `Messages were lost, or had another fate than the configured one (seed ${seed}).`),
      )
    },
  }
}

const columns: ReadonlyArray<{ readonly title: string; readonly of: (counts: Counts) => number }> = [
  { title: 'sent', of: ({ sent }) => sent },
  { title: 'delivered', of: ({ delivered }) => delivered },
  { title: 'returned', of: ({ returned }) => returned },
  { title: 'both', of: ({ both }) => both },
  { title: 'doubled', of: ({ doubled }) => doubled },
  { title: 'lost', of: ({ lost }) => lost },
]

const widths: ReadonlyArray<number> = [19, 6, ...columns.map(({ title }) => Math.max(7, title.length + 2))]

const row = ([name = '', ...cells]: ReadonlyArray<string>): string =>
  name.padEnd(16) + cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('')
