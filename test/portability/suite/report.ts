/**
 * What is run unchanged on every runtime. It uses nothing but the neutral rooms and the language, and returns plain
 * JSON, so that two runtimes can be compared value by value.
 */
import { addresses } from './addresses.js'
import { host } from './host.js'
import { life } from './life.js'
import { nonzas } from './nonzas.js'
import { programs } from './programs.js'
import { recordings } from './recordings.js'
import { streams } from './streams.js'
import { transcripts } from './transcripts.js'

/** The corpus: files by name. */
export interface Corpus {
  readonly transcripts: Readonly<Record<string, string>>
  readonly recordings: Readonly<Record<string, string>>
}

/** What each part of the suite came to. */
export type Report = Awaited<ReturnType<typeof report>>

export const report = async (corpus: Corpus) => ({
  addresses: addresses(),
  nonzas: nonzas(),
  streams: streams(),
  transcripts: transcripts(corpus.transcripts),
  programs: programs(),
  life: life(),
  recordings: recordings(corpus.recordings),
  host: await host(),
})
