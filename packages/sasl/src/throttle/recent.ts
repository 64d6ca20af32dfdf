/** A table of bounded size: the entry that was not used for longest gives way. */

export class Recent<V> {
  private readonly entries = new Map<string, V>()

  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.entries.size
  }

  get(key: string): V | undefined {
    const found = this.entries.get(key)
    if (found !== undefined) this.put(key, found)
    return found
  }

  /** A `Map` keeps the order of insertion: the first key is the one that was used longest ago. */
  put(key: string, value: V): void {
    this.entries.delete(key)
    this.entries.set(key, value)
    if (this.entries.size <= this.capacity) return
    for (const oldest of this.entries.keys()) {
      this.entries.delete(oldest)
      return
    }
  }

  delete(key: string): void {
    this.entries.delete(key)
  }

  /** Deletes all entries whose key matches. */
  deleteWhere(matches: (key: string) => boolean): void {
    for (const key of [...this.entries.keys()]) if (matches(key)) this.entries.delete(key)
  }
}
