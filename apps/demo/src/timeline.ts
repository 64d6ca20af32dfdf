/** Draws what happens as a sequence diagram that grows downwards: two clients, and the server between them. */
import { styleText } from 'node:util'

export type Side = 'left' | 'right'
export type Tone = 'again' | 'bad' | 'good' | 'nonza' | 'quiet' | 'stanza' | 'title'

/** `in` is from the client to the server, `out` the other way. */
export type Way = 'in' | 'out'

export interface Timeline {
  /** The names above the lifelines. */
  readonly heading: (left: string, centre: string, right: string) => void
  /** A line of its own across the picture. */
  readonly chapter: (text: string) => void
  readonly arrow: (side: Side, way: Way, text: string, tone: Tone) => void
  /** An arrow from the server that ends half way. */
  readonly brokenArrow: (side: Side, way: Way, text: string) => void
  /** A remark between the server and that client. */
  readonly note: (side: Side, text: string, tone: Tone) => void
  /** Whether the lifeline of that client is drawn through. */
  readonly connected: (side: Side, connected: boolean) => void
  /** Text below the picture. */
  readonly plain: (text: string, tone?: Tone) => void
}

export interface TimelineOptions {
  readonly write: (text: string) => void
  /** Colours, and characters beyond ASCII. */
  readonly color: boolean
  /** Milliseconds since the start. */
  readonly elapsed: () => number
}

/** Between two lifelines; the whole picture is 100 wide. */
const span = 44
const indent = ' '.repeat(8)

const styles = {
  again: ['bold', 'magenta'],
  bad: ['bold', 'red'],
  good: ['bold', 'green'],
  nonza: ['yellow'],
  quiet: ['gray'],
  stanza: ['cyan'],
  title: ['bold'],
} as const

const unicode = { rule: '─', right: '▶', left: '◀', up: '│', down: '┊', cut: '╳', ellipsis: '…' }
const ascii = { rule: '-', right: '>', left: '<', up: '|', down: ':', cut: 'X', ellipsis: '...' }

export const createTimeline = ({ write, color, elapsed }: TimelineOptions): Timeline => {
  const glyph = color ? unicode : ascii
  const paint = (tone: Tone, text: string): string =>
    color ? styles[tone].reduce((painted, style) => styleText(style, painted), text) : text
  const alive = { left: true, right: true }

  const line = (text: string): void => write(`${text.trimEnd()}\n`)
  const lifeline = (side: Side): string => paint('quiet', alive[side] ? glyph.up : glyph.down)
  const row = (side: Side, cell: string, stamp = true): void => {
    const time = paint('quiet', stamp ? `${(elapsed() / 1000).toFixed(2).padStart(6)}  ` : indent)
    const blank = ' '.repeat(span)
    const cells = side === 'left' ? [cell, blank] : [blank, cell]
    line(`${time}${lifeline('left')}${cells.join(paint('quiet', glyph.up))}${lifeline('right')}`)
  }
  const fit = (text: string, width: number): string =>
    text.length <= width ? text : `${text.slice(0, width - glyph.ellipsis.length)}${glyph.ellipsis}`
  const pointsRight = (side: Side, way: Way): boolean => (side === 'left') === (way === 'in')

  return {
    heading: (left, centre, right) => {
      const before = Math.floor((span * 2 + 3 - centre.length) / 2) - left.length
      const after = span * 2 + 3 - before - left.length - centre.length - right.length
      const names = left + ' '.repeat(before) + centre + ' '.repeat(after) + right
      line('')
      line(indent + paint('title', names))
    },
    chapter: text => {
      row('left', ' '.repeat(span), false)
      line(paint('title', `${glyph.rule.repeat(2)} ${text} `.padEnd(100, glyph.rule)))
    },
    arrow: (side, way, text, tone) => {
      const label = ` ${fit(text, span - 6)} `
      const shaft = glyph.rule.repeat(span - 3 - label.length)
      const lead = glyph.rule.repeat(2)
      const drawn = pointsRight(side, way)
        ? `${lead}${label}${shaft}${glyph.right}`
        : `${glyph.left}${lead}${label}${shaft}`
      row(side, paint(tone, drawn))
    },
    brokenArrow: (side, way, text) => {
      const label = ` ${fit(text, span - 8)} `
      const shaft = glyph.rule.repeat(2) + label + glyph.rule.repeat(Math.max(0, span - 12 - label.length))
      const drawn = pointsRight(side, way)
        ? `${shaft} ${glyph.cut}`.padEnd(span)
        : `${glyph.cut} ${shaft}`.padStart(span)
      row(side, paint('bad', drawn))
    },
    note: (side, text, tone) => row(side, paint(tone, ` ${fit(text, span - 2)}`.padEnd(span))),
    connected: (side, connected) => {
      alive[side] = connected
    },
    plain: (text, tone) => line(tone === undefined ? text : paint(tone, text)),
  }
}
