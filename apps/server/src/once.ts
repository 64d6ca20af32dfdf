/** Acts at the first call; each later one gets the same answer. */
export const once = (act: () => Promise<void>): (() => Promise<void>) => {
  let answer: Promise<void> | undefined
  return () => {
    answer ??= act()
    return answer
  }
}

/** Calls each of them, whatever becomes of those before it; rejects with what the first of them failed with. */
export const inOrder = async (acts: ReadonlyArray<() => Promise<void>>): Promise<void> => {
  const failures: Array<unknown> = []
  for (const act of acts) await act().catch(error => failures.push(error))
  if (failures.length > 0) throw failures[0]
}
