/** What a stream writes, in order, also where something is not known yet. */
import type { Connection } from './connection.js'

/** Writes elements, or none, in the place that was reserved; once. `alone`: they leave in a write of their own. */
export type WriteReserved = (elements: ReadonlyArray<string>, alone?: boolean) => void

interface Place {
  content: { readonly elements: ReadonlyArray<string>; readonly alone: boolean } | undefined
  /** What was written after the place was reserved. */
  readonly behind: Array<string>
}

/**
 * Writes to a connection. A place that is kept holds back all behind it until it is filled, so that answers leave in the order of
 * their questions.
 */
export class Output {
  /** Those that wait, oldest first. */
  private readonly places: Array<Place> = []

  constructor(private readonly connection: Pick<Connection, 'write' | 'writeAlone'>) {}

  /** Writes an element, behind all places that are reserved. */
  write(xml: string): void {
    const last = this.places.at(-1)
    if (last === undefined) this.connection.write(xml)
    else last.behind.push(xml)
  }

  /** Reserves the place of an answer that comes later; what is written until then waits behind it. */
  reserve(): WriteReserved {
    const place: Place = { content: undefined, behind: [] }
    this.places.push(place)
    return (elements, alone = false) => {
      place.content ??= { elements, alone }
      this.writeKnown()
    }
  }

  private writeKnown(): void {
    for (let [first] = this.places; first?.content !== undefined; [first] = this.places) {
      this.places.shift()
      const { elements, alone } = first.content
      const all = [...elements, ...first.behind]
      if (alone) this.connection.writeAlone(all)
      else for (const xml of all) this.connection.write(xml)
    }
  }
}
