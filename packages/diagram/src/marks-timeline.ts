/** Marks in a terminal: the server between two sides, the lifelines of the first account on one, all others on the other. */
import { createLifelines } from './lifelines.js'
import type { Mark } from './mark.js'
import { createTimeline, type Paint, type Side } from './timeline.js'

export interface MarksTimelineOptions {
  readonly write: (text: string) => void
  readonly paint?: Paint
  /** How wide a line may be. */
  readonly width?: number
  /** When times begin to count. */
  readonly begun: number
}

/** Draws marks as they come. Where a side has several lifelines, each mark says which it is on. */
export const createMarksTimeline = ({ begun, ...options }: MarksTimelineOptions): ((mark: Mark) => void) => {
  const lifelines = createLifelines()
  let at = begun
  let left: string | undefined
  const timeline = createTimeline({ ...options, elapsed: () => at - begun })
  const sides = new Map<Side, string>()
  /** What stands at the top of each side, until another one joins it. */
  const isAmong = (side: Side, name: string): boolean => (sides.get(side) ?? name) !== name
  const shared = new Set<Side>()

  const join = ({ lifeline }: Mark, side: Side): void => {
    if (isAmong(side, lifeline)) shared.add(side)
    else if (!sides.has(side)) {
      sides.set(side, lifeline)
      timeline.heading(sides.get('left') ?? '', 'server', sides.get('right') ?? '')
    }
  }

  return mark => {
    at = mark.at
    left ??= accountOf(mark.lifeline)
    const side = accountOf(mark.lifeline) === left ? 'left' : 'right'
    join(mark, side)
    lifelines.take(mark)
    timeline.connected(side, isConnectedOn(lifelines.names(), side, left, lifelines.reachOf))
    const text = shared.has(side) ? `${shortName(mark.lifeline)}: ${mark.text}` : mark.text
    if (mark.way === undefined) timeline.note(side, text, mark.tone)
    else timeline.arrow(side, mark.way, text, mark.tone)
  }
}

const isConnectedOn = (
  names: ReadonlyArray<string>,
  side: Side,
  left: string,
  reachOf: (name: string) => string,
): boolean => names.some(name => (accountOf(name) === left) === (side === 'left') && reachOf(name) === 'connected')

const accountOf = (lifeline: string): string => lifeline.split('/', 1)[0] ?? lifeline

/** The localpart and the resource. */
const shortName = (lifeline: string): string => {
  const [account = '', ...resource] = lifeline.split('/')
  return [account.split('@', 1)[0], ...resource].join('/')
}
