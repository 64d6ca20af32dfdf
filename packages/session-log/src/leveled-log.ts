/** Where entries go. A logger of pino is one. */
export interface LeveledLog {
  readonly isLevelEnabled: (level: 'debug' | 'info' | 'trace' | 'warn') => boolean
  readonly warn: Write
  readonly info: Write
  readonly debug: Write
  readonly trace: Write
}

/** Writes an entry: what it tells, by name, and what it is called. */
type Write = (facts: object, name: string) => void
