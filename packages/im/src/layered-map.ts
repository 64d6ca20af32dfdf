/**
 * A map as a value, of which a changed copy costs little: a large map that is shared, and a small one of what has changed since.
 * Thousands of contacts are marked one after the other when a link is down, and a copy of all of them each time takes seconds.
 */

const gone = Symbol('gone')

/** Changes that are kept apart before a new large map is made. */
const mostChanges = 128

export class LayeredMap<K, V extends object> implements ReadonlyMap<K, V> {
  private constructor(
    private readonly base: ReadonlyMap<K, V>,
    private readonly changes: ReadonlyMap<K, V | typeof gone>,
    readonly size: number,
  ) {}

  /** The same entries. The map that is given must not change any more. */
  static of<K, V extends object>(map: ReadonlyMap<K, V>): LayeredMap<K, V> {
    return map instanceof LayeredMap ? map : new LayeredMap(map, new Map(), map.size)
  }

  get(key: K): V | undefined {
    const changed = this.changes.get(key)
    if (changed === gone) return undefined
    return changed ?? this.base.get(key)
  }

  has(key: K): boolean {
    return this.get(key) !== undefined
  }

  /** A map with this entry; in the order that a `Map` would have. */
  with(key: K, value: V): LayeredMap<K, V> {
    const size = this.has(key) ? this.size : this.size + 1
    // What comes again is the last one.
    if (this.changes.get(key) === gone) return LayeredMap.of(this.whole().set(key, value))
    return this.changed(new Map(this.changes).set(key, value), size)
  }

  /** A map without this entry. */
  without(key: K): LayeredMap<K, V> {
    if (!this.has(key)) return this
    const changes = new Map(this.changes)
    if (this.base.has(key)) changes.set(key, gone)
    else changes.delete(key)
    return this.changed(changes, this.size - 1)
  }

  entries(): MapIterator<[K, V]> {
    return this.whole().entries()
  }

  keys(): MapIterator<K> {
    return this.whole().keys()
  }

  values(): MapIterator<V> {
    return this.whole().values()
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries()
  }

  forEach(act: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) act(value, key, this)
  }

  private changed(changes: ReadonlyMap<K, V | typeof gone>, size: number): LayeredMap<K, V> {
    const after = new LayeredMap(this.base, changes, size)
    return changes.size > mostChanges ? LayeredMap.of(after.whole()) : after
  }

  /** All entries in one map, which is nobody else's. */
  private whole(): Map<K, V> {
    const all = new Map(this.base)
    for (const [key, value] of this.changes) {
      if (value === gone) all.delete(key)
      else all.set(key, value)
    }
    return all
  }
}
