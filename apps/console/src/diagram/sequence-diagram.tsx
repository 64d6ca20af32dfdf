/** A sequence diagram of any length: the server on the left, a lifeline a session, only the marks in view drawn. */
import { type Mark, type Place, type Plane, placeMarks } from '@smacks/diagram'
import { useWindow } from '../parts/use-window.js'
import { Windowed } from '../parts/windowed.js'

export type ShownMark = Mark & { readonly index: number }

export interface SequenceDiagramProps {
  /** How many marks there are. */
  readonly marks: number
  readonly lifelines: ReadonlyArray<string>
  /** Gives marks by their numbers. */
  readonly load: (first: number, count: number) => Promise<ReadonlyArray<ShownMark>>
  /** The step that is looked at, and the number of its first mark. */
  readonly selected: number
  readonly selectedMark: number
  readonly onSelect: (index: number) => void
  readonly onStanza: (asked: string) => void
  /** When times begin to count, in milliseconds since 1970. */
  readonly begun: number
  readonly onKeyDown?: (event: KeyboardEvent) => void
}

const rowHeight = 26
const serverX = 110
const columnWidth = 210
/** So many lifelines have a place of their own. */
const mostColumns = 6

export const SequenceDiagram = (props: SequenceDiagramProps) => {
  const { marks, lifelines, selectedMark, onKeyDown } = props
  const columns = lifelines.slice(0, mostColumns)
  const isShared = lifelines.length > mostColumns
  const plane: Plane = { columns, rowHeight, columnWidth, serverX }
  const width = serverX + (columns.length + (isShared ? 1 : 0) + 0.6) * columnWidth
  const names = [...columns, ...(isShared ? [`${lifelines.length - mostColumns} others`] : [])]
  return (
    <Windowed
      rows={marks}
      rowHeight={rowHeight}
      label="Sequence diagram: arrow keys go from step to step"
      shownRow={selectedMark}
      {...(onKeyDown === undefined ? {} : { onKeyDown })}
      header={
        <svg class="lifelines" width={width} height={44} aria-hidden="true">
          <text x={serverX} y={28} class="lifeline-name">
            server
          </text>
          {names.map((name, index) => (
            <text key={name} x={serverX + (index + 1) * columnWidth} y={28} class="lifeline-name">
              <title>{name}</title>
              {shortened(name)}
            </text>
          ))}
        </svg>
      }
    >
      {(first, count, top) => (
        <Rows
          {...props}
          plane={plane}
          width={width}
          columnsDrawn={names.length}
          first={first}
          count={count}
          top={top}
        />
      )}
    </Windowed>
  )
}

interface RowsProps extends SequenceDiagramProps {
  readonly plane: Plane
  readonly width: number
  readonly columnsDrawn: number
  readonly first: number
  readonly count: number
  readonly top: number
}

const Rows = (props: RowsProps) => {
  const { plane, width, columnsDrawn, first, count, top, load } = props
  const loaded = useWindow(first, count, load, load)
  const places = placeMarks(loaded.rows, loaded.first - first, plane)
  const height = count * rowHeight
  const xs = Array.from({ length: columnsDrawn + 1 }, (_, index) => serverX + index * columnWidth)
  return (
    <svg class="marks" width={width} height={height} style={{ transform: `translateY(${top}px)` }} role="group">
      <title>Steps</title>
      <Arrowheads />
      {xs.map(x => (
        <line key={x} x1={x} x2={x} y1={0} y2={height} class="lifeline" />
      ))}
      {places.map((place, index) => (
        <Row key={`${loaded.first + index}`} place={place} mark={loaded.rows[index] as ShownMark} {...props} />
      ))}
    </svg>
  )
}

const tones = ['again', 'bad', 'good', 'nonza', 'quiet', 'stanza', 'title'] as const

const Arrowheads = () => (
  <defs>
    {tones.map(tone => (
      <marker
        key={tone}
        id={`head-${tone}`}
        viewBox="0 0 8 8"
        refX="8"
        refY="4"
        markerWidth="8"
        markerHeight="8"
        orient="auto"
      >
        <path d="M0,0 L8,4 L0,8 z" class={`head ${tone}`} />
      </marker>
    ))}
  </defs>
)

const Row = ({
  place,
  mark,
  width,
  selected,
  onSelect,
  onStanza,
  begun,
}: RowsProps & { readonly place: Place; readonly mark: ShownMark }) => {
  const { y, x, fromX, toX, isShared } = place
  const { way, tone, seq, stanza, lifeline } = mark
  const text = isShared ? `${lifeline}: ${mark.text}` : mark.text
  const direction = way === undefined ? '' : way === 'in' ? 'to the server, ' : 'from the server, '
  const time = seconds(mark.at - begun)
  const shown = way === undefined ? text : clipped(text)
  const pick = (): void => {
    onSelect(mark.index)
    if (stanza !== undefined) onStanza(stanza)
  }
  return (
    <g
      role="button"
      tabIndex={-1}
      class={`row ${mark.index === selected ? 'selected' : ''}`}
      aria-pressed={mark.index === selected}
      onClick={pick}
      onKeyDown={event => {
        if (event.key === 'Enter') pick()
      }}
    >
      <title>{`${time} ${shown}, ${shown === text ? '' : `${text}, `}${direction}${lifeline}, step ${seq}`}</title>
      <rect x={0} y={y - rowHeight / 2} width={width} height={rowHeight} class="ground" />
      <text x={6} y={y + 4} class="time">
        {time}
      </text>
      {way === undefined ? (
        <>
          <circle cx={x} cy={y} r={3.5} class={`dot ${tone}`} />
          <text x={x + 9} y={y + 4} class={`note ${tone}`}>
            {shown}
          </text>
        </>
      ) : (
        <>
          <line x1={fromX} x2={toX} y1={y + 5} y2={y + 5} class={`arrow ${tone}`} marker-end={`url(#head-${tone})`} />
          <text x={x - columnWidth / 2} y={y + 1} class={`label ${tone}`}>
            {shown}
          </text>
        </>
      )}
    </g>
  )
}

const seconds = (milliseconds: number): string => `+${(milliseconds / 1000).toFixed(3)}`

const clipped = (text: string): string => (text.length <= 30 ? text : `${text.slice(0, 29)}…`)

/** The localpart and the resource. */
const shortened = (name: string): string => {
  const short = name.replace(/^([^@/]+)@[^/]+\//, '$1/')
  return short.length <= 26 ? short : `${short.slice(0, 25)}…`
}
