/** What a window of a long list shows, asked for as it comes into view. */
import { useEffect, useRef, useState } from 'preact/hooks'

export interface Loaded<T> {
  readonly first: number
  readonly rows: ReadonlyArray<T>
}

/** The latest that was loaded; `key` is another one where the list is another. */
export const useWindow = <T>(
  first: number,
  count: number,
  key: unknown,
  load: (first: number, count: number) => Promise<ReadonlyArray<T>>,
): Loaded<T> => {
  const [loaded, setLoaded] = useState<Loaded<T>>({ first: 0, rows: [] })
  const latest = useRef(0)
  useEffect(() => {
    latest.current += 1
    const mine = latest.current
    load(first, count).then(
      rows => {
        if (latest.current === mine) setLoaded({ first, rows })
      },
      () => {},
    )
  }, [first, count, key])
  return loaded
}
