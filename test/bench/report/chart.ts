/**
 * Draws lines over two axes as SVG: no script, no font from elsewhere, and colours that fit a light and a dark page, as the
 * reader's system has it. Each line has a marker of its own shape, and its name at its end, so nobody needs the colours.
 */

export interface Line {
  readonly name: string
  /** From 0: which colour and marker. */
  readonly style: number
  /** By rising x. */
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
  readonly isDashed?: boolean
}

export interface Chart {
  readonly title: string
  readonly subtitle: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: ReadonlyArray<Line>
}

export interface Axis {
  readonly label: string
  readonly isLog: boolean
}

const width = 860
const height = 460
const frame = { left: 70, right: 190, top: 64, bottom: 56 } as const
const plot = { width: width - frame.left - frame.right, height: height - frame.top - frame.bottom } as const

/** Okabe and Ito's, which the colour-blind tell apart; the lighter ones are for dark pages. */
const colours: ReadonlyArray<readonly [light: string, dark: string]> = [
  ['#0072b2', '#56b4e9'],
  ['#b34a00', '#ff9d4d'],
  ['#00775a', '#2fd6a4'],
  ['#9a3f77', '#e79bc8'],
  ['#6b6b6b', '#a8a8a8'],
]

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 }
.minor { fill: #57606a; font-size: 12px }
.page { fill: #ffffff }
.grid { stroke: #d0d7de; stroke-width: 1 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
${colours.map(([light], index) => `.s${index} { stroke: ${light} } .f${index} { fill: ${light} }`).join('\n')}
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.minor { fill: #9198a1 }
.page { fill: #0d1117 }
.grid { stroke: #30363d }
${colours.map(([, dark], index) => `.s${index} { stroke: ${dark} } .f${index} { fill: ${dark} }`).join('\n')}
}
</style>`

export const draw = (chart: Chart): string => {
  const points = chart.lines.flatMap(({ points: of }) => of)
  const x = scaleOf(
    points.map(([value]) => value),
    chart.x.isLog,
    frame.left,
    frame.left + plot.width,
  )
  const y = scaleOf(
    points.map(([, value]) => value),
    chart.y.isLog,
    frame.top + plot.height,
    frame.top,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`${chart.title}. ${chart.subtitle}`)}">`,
    style,
    `<rect class="page" width="${width}" height="${height}" rx="6"/>`,
    text(frame.left, 26, chart.title, 'title'),
    text(frame.left, 46, chart.subtitle, 'minor'),
    ...x.ticks.map(tick => vertical(x.at(tick), short(tick))),
    ...y.ticks.map(tick => horizontal(y.at(tick), short(tick))),
    text(frame.left + plot.width / 2, height - 14, chart.x.label, 'minor', 'middle'),
    `<text class="minor" text-anchor="middle" transform="translate(18 ${frame.top + plot.height / 2}) rotate(-90)">${escaped(chart.y.label)}</text>`,
    ...chart.lines.map(line => lineOf(line, x, y)),
    ...namesOf(chart.lines, y),
    '</svg>',
    '',
  ].join('\n')
}

interface Scale {
  readonly at: (value: number) => number
  readonly ticks: ReadonlyArray<number>
}

/** A linear one begins at 0, a logarithmic one at a power of ten. */
const scaleOf = (values: ReadonlyArray<number>, isLog: boolean, from: number, to: number): Scale => {
  const usable = values.filter(value => Number.isFinite(value) && (!isLog || value > 0))
  const [least, most] = usable.length === 0 ? [1, 10] : [Math.min(...usable), Math.max(...usable)]
  if (!isLog) {
    const step = niceStep(most / 5)
    const count = Math.max(1, Math.ceil(most / step))
    const ticks = Array.from({ length: count + 1 }, (_, index) => index * step)
    return { ticks, at: value => from + (value / (count * step)) * (to - from) }
  }
  const low = Math.floor(Math.log10(least))
  const high = Math.max(low + 1, Math.ceil(Math.log10(most)))
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
  const at = (value: number): number =>
    from + ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * (to - from)
  return { ticks, at }
}

/** 1, 2 or 5 times a power of ten, and at least that. */
const niceStep = (least: number): number => {
  if (least <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5, 10].find(factor => factor * power >= least) ?? 10) * power
}

const lineOf = ({ points, style: number, isDashed = false }: Line, x: Scale, y: Scale): string => {
  const places = points.map(([px, py]) => [round(x.at(px)), round(y.at(py))] as const)
  const dashes = isDashed ? ' stroke-dasharray="6 4"' : ''
  const path = places.map(([px, py]) => `${px},${py}`).join(' ')
  const kind = number % colours.length
  return [
    `<polyline class="line s${kind}"${dashes} points="${path}"/>`,
    ...places.map(([px, py]) => marker(kind, px, py)),
  ].join('\n')
}

const marker = (kind: number, x: number, y: number): string => {
  const mark = `class="f${kind}"`
  if (kind === 1) return `<rect ${mark} x="${x - 4}" y="${y - 4}" width="8" height="8"/>`
  if (kind === 2) return `<path ${mark} d="M${x} ${y - 5}l5 9h-10z"/>`
  if (kind === 3) return `<path ${mark} d="M${x} ${y - 6}l5 6l-5 6l-5-6z"/>`
  if (kind === 4) return `<path ${mark} d="M${x} ${y + 5}l5-9h-10z"/>`
  return `<circle ${mark} cx="${x}" cy="${y}" r="4"/>`
}

const nameHeight = 18

/** Beside the ends of the lines, and moved apart where they would cover each other. */
const namesOf = (lines: ReadonlyArray<Line>, y: Scale): ReadonlyArray<string> => {
  const wanted = lines
    .flatMap(line => {
      const last = line.points.at(-1)
      return last === undefined ? [] : [{ line, y: y.at(last[1]) }]
    })
    .sort((a, b) => a.y - b.y)
  let free = frame.top
  const placed = wanted.map(({ line, y: place }) => {
    const at = Math.max(place, free)
    free = at + nameHeight
    return { line, y: at }
  })
  const beyond = Math.max(0, free - nameHeight - (frame.top + plot.height))
  const x = frame.left + plot.width + 14
  return placed.map(({ line, y: place }) => {
    const kind = line.style % colours.length
    const at = round(place - beyond)
    return `${marker(kind, x, at)}${text(x + 10, at + 4, line.name)}`
  })
}

const vertical = (x: number, label: string): string =>
  `<line class="grid" x1="${round(x)}" x2="${round(x)}" y1="${frame.top}" y2="${frame.top + plot.height}"/>${text(x, frame.top + plot.height + 18, label, 'minor', 'middle')}`

const horizontal = (y: number, label: string): string =>
  `<line class="grid" x1="${frame.left}" x2="${frame.left + plot.width}" y1="${round(y)}" y2="${round(y)}"/>${text(frame.left - 8, y + 4, label, 'minor', 'end')}`

const text = (x: number, y: number, content: string, kind = '', anchor = 'start'): string =>
  `<text x="${round(x)}" y="${round(y)}"${kind === '' ? '' : ` class="${kind}"`} text-anchor="${anchor}">${escaped(content)}</text>`

const round = (value: number): number => Math.round(value * 10) / 10

/** 0.01, 20, 5k, 1M */
const short = (value: number): string => {
  if (value >= 1e6) return `${value / 1e6}M`
  return value >= 1000 ? `${value / 1000}k` : String(Number(value.toPrecision(6)))
}

const escaped = (content: string): string => content.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
