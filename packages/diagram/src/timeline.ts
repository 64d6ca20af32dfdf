/** Draws what happens as a sequence diagram that grows downwards: two clients, and the server between them. */
import type { Tone, Way } from './mark.js'

export type Side = 'left' | 'right'

/** Text in the colours of a tone. */
export type Paint = (tone: Tone, text: string) => string

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
  /** Colours, and with them characters beyond ASCII. */
  readonly paint?: Paint
  /** Milliseconds since the start. */
  readonly elapsed: () => number
  /** How wide a line may be; 100 unless told, and 60 at least. */
  readonly width?: number
}

/** Beside the two spaces between lifelines: the time, and three lifelines. */
const besideSpans = 12

const narrowest = 60

const usual = 100

const unicode = { rule: '─', right: '▶', left: '◀', up: '│', down: '┊', cut: '╳', ellipsis: '…' }
const ascii = { rule: '-', right: '>', left: '<', up: '|', down: ':', cut: 'X', ellipsis: '...' }

const indent = ' '.repeat(8)

export const createTimeline = (options: TimelineOptions): Timeline => {
  const { write, elapsed, paint = (_: Tone, text: string): string => text } = options
  const width = Math.max(narrowest, options.width ?? usual)
  /** Between two lifelines. */
  const span = Math.floor((width - besideSpans) / 2)
  const glyph = options.paint === undefined ? ascii : unicode
  const alive = { left: true, right: true }

  const line = (text: string): void => write(`${text.trimEnd()}\n`)
  const lifeline = (side: Side): string => paint('quiet', alive[side] ? glyph.up : glyph.down)
  const row = (side: Side, cell: string, stamp = true): void => {
    const time = paint('quiet', stamp ? `${(elapsed() / 1000).toFixed(2).padStart(6).padEnd(indent.length)}` : indent)
    const blank = ' '.repeat(span)
    const cells = side === 'left' ? [cell, blank] : [blank, cell]
    line(`${time}${lifeline('left')}${cells.join(paint('quiet', glyph.up))}${lifeline('right')}`)
  }
  const fit = (text: string, width: number): string =>
    text.length <= width ? text : `${text.slice(0, width - glyph.ellipsis.length)}${glyph.ellipsis}`
  const pointsRight = (side: Side, way: Way): boolean => (side === 'left') === (way === 'in')

  return {
    heading: (first, middle, last) => {
      const wide = span * 2 + 3
      const centre = fit(middle, Math.floor(wide / 3))
      const room = Math.floor((wide - centre.length) / 2)
      const before = fit(first, room - 1).padEnd(room)
      const names = before + centre + fit(last, room - 1).padStart(wide - room - centre.length)
      line('')
      line(indent + paint('title', names))
    },
    chapter: text => {
      row('left', ' '.repeat(span), false)
      line(paint('title', `${glyph.rule.repeat(2)} ${text} `.padEnd(width, glyph.rule)))
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
