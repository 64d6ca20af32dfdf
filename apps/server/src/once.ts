/** Acts at the first call; each later one gets the same answer. */
export const once = (act: () => Promise<void>): (() => Promise<void>) => {
  let answer: Promise<void> | undefined
  return () => {
    answer ??= act()
    return answer
  }
}
