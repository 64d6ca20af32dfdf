/** Ids that may have been meant. */

/** So much of an id is compared. */
const comparedLength = 64

/** The ids nearest to the one asked for, nearest first; only those that have something in common with it. */
export const nearIds = (asked: string, ids: Iterable<string>, atMost = 5): ReadonlyArray<string> =>
  [...ids]
    .map(id => ({ id, far: farness(asked, id) }))
    .filter(({ far }) => far <= Math.max(1, Math.floor(Math.min(asked.length, comparedLength) / 3)))
    .sort((one, other) => one.far - other.far || (one.id < other.id ? -1 : 1))
    .slice(0, atMost)
    .map(({ id }) => id)

/** Ids are copied in part, or from logs that change case, so a part counts as near. */
const farness = (asked: string, id: string): number => {
  const [one, other] = [asked, id].map(text => text.slice(0, comparedLength).toLowerCase())
  if (one === undefined || other === undefined) return 0
  if (one === other) return 0
  return other.includes(one) || (other.length > 2 && one.includes(other)) ? 1 : edits(one, other)
}

/** Letters to insert, delete or replace (Levenshtein). */
const edits = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at]
    for (let against = 1; against <= other.length; against += 1)
      next.push(
        Math.min(
          (row[against] ?? 0) + 1,
          (next[against - 1] ?? 0) + 1,
          (row[against - 1] ?? 0) + (one[at - 1] === other[against - 1] ? 0 : 1),
        ),
      )
    row = next
  }
  return row[other.length] ?? 0
}
