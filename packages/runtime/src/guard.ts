/** Faults of others: whatever the application, an observer or a port throws is reported, and the loop goes on. */
export class Guard {
  constructor(private readonly onFault: (error: unknown, where: string) => void) {}

  /** Reports an error. Never throws. */
  readonly report = (error: unknown, where: string): void => {
    try {
      this.onFault(error, where)
    } catch {
      // The loop goes on; there is nobody left to report to.
    }
  }

  /** Calls the application. */
  hand(what: string, handOver: () => void): void {
    try {
      handOver()
    } catch (error) {
      this.applicationFailed(error, what)
    }
  }

  /** The application threw: for calls that are made so often that no closure is made for each. */
  applicationFailed(error: unknown, what: string): void {
    this.report(error, `the application, at ${what}`)
  }

  /** Calls a listener or a port. */
  attempt(what: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.report(error, what)
    }
  }
}
