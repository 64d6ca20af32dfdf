/** A clock that stands while others have the core. */

/** The processor time of this process from now on, in seconds, of all its threads. */
export const cpuSecondsOf = (): (() => number) => {
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  }
}
