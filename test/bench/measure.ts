/** What a measure is: one named small file in `measures/`. All that runs, prints or plots measures knows only this. */
import type { Trial } from './trial.js'

/** How large a measurement is: for figures to publish, for a look, for a test that it works at all. */
export type Size = 'full' | 'quick' | 'smallest'

/** Who is measured. `again` is today's build once more: how far the two lie apart is the noise. */
export type SubjectId = 'again' | 'base' | 'ejabberd' | 'prosody' | 'relay' | 'today'

export interface Figure {
  readonly key: string
  readonly title: string
  readonly unit: string
  readonly better: 'less' | 'more'
  readonly digits: number
  readonly targets?: Targets
}

/** Where less is better each is the most that is allowed, else the least. */
export interface Targets {
  /** Of today's build to that subject, as a ratio. */
  readonly base?: number
  readonly ejabberd?: number
  readonly relay?: number
  /** Of the figure itself, in its unit. */
  readonly value?: number
}

export type Values = Readonly<Record<string, number>>

export interface Measure {
  readonly name: string
  readonly title: string
  /** How it is measured, in a sentence or two. */
  readonly how: string
  readonly figures: ReadonlyArray<Figure>
  readonly subjects: ReadonlyArray<SubjectId>
  /** How often all subjects are measured, in turns, if nothing else is asked for. */
  readonly pairs: number
  /** About how long one trial takes, for the estimate of the first ones. */
  readonly seconds: Readonly<Record<Size, number>>
  readonly run: (trial: Trial, size: Size) => Promise<Values>
}

/** Those with sockets, without the floor. */
export const servers: ReadonlyArray<SubjectId> = ['today', 'again', 'base', 'ejabberd', 'prosody']
export const builds: ReadonlyArray<SubjectId> = ['today', 'again', 'base']

/** The pairs of the figures that the targets are about. */
export const headlinePairs = 6
