/** What the suite of the port `Journal` runs on. */
import type { Journal, OfflineStore } from '@smacks/runtime'
import type { Ending, TestRunner } from './runner.js'

export interface JournalBench<A> extends Ending {
  readonly journal: Journal<A>
  readonly offline: OfflineStore<A>
  /** Opens what the closed journal kept. Only for journals that outlive their process. */
  readonly reopen?: () => JournalBench<A> | Promise<JournalBench<A>>
  /** Makes the next commit fail, whatever it is. Only for journals that keep sessions. */
  readonly failNext?: () => void
}

export interface JournalCompliance<A> extends TestRunner {
  readonly create: () => JournalBench<A> | Promise<JournalBench<A>>
  readonly stanza: (text: string) => A
  /** The text that the stanza was made of. */
  readonly text: (stanza: A) => string
  /** A stanza that the offline store cannot take, if there is one; it shows that a batch is atomic. */
  readonly refused?: A
  /** Whether `create` gives a bench with `reopen`. */
  readonly durable: boolean
  /** Whether the journal keeps sessions: then it is durable, and its bench has `failNext`; not unless told. */
  readonly sessions?: boolean
  /** How many made-up stories are tried; 30 unless told. */
  readonly runs?: number
}
