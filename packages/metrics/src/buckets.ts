/** The counts of a histogram: what one more value costs is a short search and two additions. */
export class Buckets {
  /** Values up to the bound of the same index and beyond the one before; at last, those beyond all bounds. */
  readonly counts: Float64Array
  readonly bounds: Float64Array
  /** A number in a field would be made anew with each value. */
  private readonly total = new Float64Array(1)

  /** `bounds` ascend. */
  constructor(bounds: ReadonlyArray<number>) {
    this.bounds = Float64Array.from(bounds)
    this.counts = new Float64Array(bounds.length + 1)
  }

  get sum(): number {
    return this.total[0] ?? 0
  }

  add(value: number): void {
    const { bounds, counts, total } = this
    let index = 0
    // Most values are below one of the first; beyond the last, nothing is less than what is not there.
    while (value > (bounds[index] as number)) index += 1
    counts[index] = (counts[index] as number) + 1
    total[0] = (total[0] as number) + value
  }
}
