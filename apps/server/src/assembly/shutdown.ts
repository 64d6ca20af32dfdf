/** Several things that end one after the other. */

/** Calls each of them, whatever becomes of those before it; rejects with what the first of them failed with. */
export const inOrder = async (acts: ReadonlyArray<() => Promise<void>>): Promise<void> => {
  const failures: Array<unknown> = []
  for (const act of acts) await act().catch(error => failures.push(error))
  if (failures.length > 0) throw failures[0]
}
