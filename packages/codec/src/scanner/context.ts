/** What the header of a stream means for the stanzas in it. */
export interface ScanContext {
  /** The namespace of stanzas. */
  readonly xmlns: string
  /** The language of stanzas that name none. */
  readonly lang: string | undefined
  /** Bytes that the header can add to an element. */
  readonly declaredLength: number
}
