/** Where marks go on a plane: rows downwards, the server on the left, lifelines beside each other to its right. */
import type { Mark } from './mark.js'

export interface Plane {
  /** Lifelines with a column of their own, from the left; all others share the last column. */
  readonly columns: ReadonlyArray<string>
  readonly rowHeight: number
  readonly columnWidth: number
  /** Where the server's lifeline is. */
  readonly serverX: number
}

export interface Place {
  readonly mark: Mark
  /** The row's number in the whole diagram, from 0. */
  readonly row: number
  /** The middle of the row. */
  readonly y: number
  /** The lifeline's place. */
  readonly x: number
  /** Where an arrow begins and ends; both are the lifeline's for a note. */
  readonly fromX: number
  readonly toX: number
  /** The mark's lifeline has no column of its own. */
  readonly isShared: boolean
}

/** Places a window of marks, the first of which is the mark number `first` of the diagram. */
export const placeMarks = (marks: ReadonlyArray<Mark>, first: number, plane: Plane): ReadonlyArray<Place> =>
  marks.map((mark, index) => {
    const found = plane.columns.indexOf(mark.lifeline)
    const isShared = found < 0
    const column = isShared ? plane.columns.length : found
    const x = plane.serverX + (column + 1) * plane.columnWidth
    const row = first + index
    return {
      mark,
      row,
      y: (row + 0.5) * plane.rowHeight,
      x,
      fromX: mark.way === 'out' ? plane.serverX : x,
      toX: mark.way === 'in' ? plane.serverX : x,
      isShared,
    }
  })
