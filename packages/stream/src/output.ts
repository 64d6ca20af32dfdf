import type { Connection } from '@smacks/stream'

/** Makes of an element of stream management what leaves in its place. */
export type Framing = (nonza: string) => string

interface Awaited {
  readonly framing: Framing
  behind: string
}

export class Output {
  private readonly awaited: Array<Awaited> = []

  constructor(private readonly connection: Connection) {}

  write(xml: string): void {
    const last = this.awaited.at(-1)
    if (last === undefined) this.connection.write(xml)
    else last.behind += xml
  }

  /** The core has decided to send one more element of stream management on this connection. */
  awaitNonza(framing: Framing = nonza => nonza): void {
    if (this.awaited.length === 0) this.connection.frameNonzas(nonza => this.frame(nonza))
    this.awaited.push({ framing, behind: '' })
  }

  private frame(nonza: string): string {
    const next = this.awaited.shift()
    if (this.awaited.length === 0) this.connection.frameNonzas(undefined)
    return next === undefined ? nonza : next.framing(nonza) + next.behind
  }
}
