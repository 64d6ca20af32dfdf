/** The story of one stanza, in as many recordings as there are. */
import { describeStory, type Entry, explain, type RecordingHeader, type Story } from '@smacks/replay'
import * as Either from 'fp-ts/lib/Either.js'
import { CommandFailure } from '../exit-code.js'
import type { RecordedEntry } from './read.js'
import type { Run } from './run.js'
import type { Print } from './tell.js'

/** Files that follow each other without a gap, as one recording. */
interface Recorded {
  readonly header: RecordingHeader
  readonly entries: Array<Entry>
}

/** Reads all, and tells the stories. Fails if the stanza is in none; says then what there is instead. */
export const tellStories = async (
  entries: AsyncIterable<RecordedEntry>,
  run: Run,
  asked: string,
  print: Print,
  json: boolean,
): Promise<void> => {
  const recordings: Array<Recorded> = []
  for await (const one of entries) {
    if (run.begins(one)) recordings.push({ header: one.header, entries: [] })
    recordings.at(-1)?.entries.push(one.entry)
    run.take(one)
  }
  let why = 'the recording is empty'
  let told = 0
  for (const recorded of recordings) {
    const stories = explain(recorded, asked)
    if (Either.isLeft(stories)) why = stories.left
    else
      for (const story of stories.right) {
        tellStory(recorded.header, story, json, told === 0 ? print : (...lines) => print('', ...lines))
        told += 1
      }
  }
  if (told === 0) throw new CommandFailure(`${why}.`)
}

const tellStory = (header: RecordingHeader, story: Story, json: boolean, print: Print): void =>
  json ? print(JSON.stringify(story)) : print(...describeStory(header, story))
