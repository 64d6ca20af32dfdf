/** What the page and its worker say to each other. */

import type { Mark } from '@smacks/diagram'
import type { StanzaIdentity, Story, View } from '@smacks/replay'

export interface StanzaLine {
  readonly stanza: StanzaIdentity
  readonly name: string
  readonly fate: string
  readonly at: string
  /** What `story` is asked for: its id, or `#` and the number of an entry. */
  readonly asked: string
  readonly first: number
  readonly last: number
}

export interface StanzaQuery {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly fate: string
}

/** One step, in words and as data. */
export interface StepShown {
  readonly index: number
  readonly seq: number
  readonly at: string
  readonly account: string
  readonly event: string
  readonly effects: ReadonlyArray<string>
  readonly state: string
  readonly json: View
  /** Recorded and replayed beside each other, if they differ. */
  readonly difference?: ReadonlyArray<string>
}

export interface StoryShown {
  readonly story: Story
  readonly times: ReadonlyArray<string>
}

/** A whole recording, replayed. */
export interface Summary {
  readonly by: string
  /** Milliseconds since 1970. */
  readonly begunAt: number
  readonly redacted: boolean
  readonly exported: boolean
  readonly otherReducer: boolean
  readonly truncated: boolean
  readonly steps: number
  readonly accounts: number
  readonly compared: number
  readonly differing: number
  /** Where it diverges first. */
  readonly firstDifference?: { readonly index: number; readonly seq: number }
  readonly marks: number
  readonly lifelines: ReadonlyArray<string>
  readonly stanzas: number
}

export interface Questions {
  readonly open: { readonly asked: { readonly file: Blob }; readonly told: Summary }
  readonly step: { readonly asked: { readonly index: number }; readonly told: StepShown }
  /** The index of the step at a time, an offset or an entry's number. */
  readonly seek: { readonly asked: { readonly moment: string }; readonly told: number }
  readonly marks: {
    readonly asked: { readonly first: number; readonly count: number }
    readonly told: ReadonlyArray<Mark & { readonly index: number }>
  }
  /** The number of the first mark at or after a step. */
  readonly markOf: { readonly asked: { readonly index: number }; readonly told: number }
  readonly find: { readonly asked: StanzaQuery; readonly told: number }
  /** Of those that were found last. */
  readonly stanzas: {
    readonly asked: { readonly first: number; readonly count: number }
    readonly told: ReadonlyArray<StanzaLine>
  }
  readonly story: { readonly asked: { readonly asked: string }; readonly told: ReadonlyArray<StoryShown> }
}

export type Topic = keyof Questions

export interface Question<T extends Topic = Topic> {
  readonly number: number
  readonly topic: T
  readonly asked: Questions[T]['asked']
}

export type Reply =
  | { readonly _tag: 'Progress'; readonly bytes: number; readonly total: number; readonly steps: number }
  | { readonly _tag: 'Told'; readonly number: number; readonly told: unknown }
  | { readonly _tag: 'Failed'; readonly number: number; readonly problem: string }
