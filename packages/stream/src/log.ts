/** Where streams report what an operator should know. A pino logger is one. */
export interface StreamLog {
  /** What helps to find a fault. */
  readonly debug: (facts: object, message: string) => void
  /** What happens in good order. */
  readonly info: (facts: object, message: string) => void
  /** What a peer or a setting got wrong. */
  readonly warn: (facts: object, message: string) => void
  /** Faults of ours. */
  readonly error: (facts: object, message: string) => void
}
