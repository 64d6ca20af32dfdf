/** Where streams report what an operator should know. A pino logger is one. */
export interface StreamLog {
  readonly debug: (facts: object, message: string) => void
  readonly info: (facts: object, message: string) => void
  readonly warn: (facts: object, message: string) => void
  /** Faults of ours. */
  readonly error: (facts: object, message: string) => void
}
