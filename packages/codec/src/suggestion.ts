/** What was probably meant by a key that does not exist. */
import { distance } from 'fastest-levenshtein'

const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)
const tableOf = (path: string): string => path.slice(0, path.lastIndexOf('.') + 1)

/** `, did you mean ...?` with the likeliest of the known paths, or nothing if none is like it. */
export const suggestion = (path: string, known: ReadonlyArray<string>): string => {
  const name = lastOf(path).toLowerCase()
  // A key that is right but in another table is likelier than one that is spelled almost like it.
  const [best] = known
    .map(candidate => ({
      candidate,
      far: distance(name, lastOf(candidate)) + tablesApart(tableOf(path).toLowerCase(), tableOf(candidate)) / 100,
    }))
    .sort((one, other) => one.far - other.far)
  return best !== undefined && best.far < Math.max(name.length, lastOf(best.candidate).length) / 2
    ? `, did you mean ${best.candidate}?`
    : ''
}

/** From the top level all tables are as far, and the first one counts. */
const tablesApart = (one: string, other: string): number => (one === '' && other !== '' ? 1 : distance(one, other))
