/**
 * Transcripts: stories as text files, told by commands and compared line by line with what the core makes of them.
 *
 * A block is a few lines of comment (`#`), commands, a line `----`, and the lines expected; an empty line ends it.
 * The story goes on from block to block; `given` begins another. Each event's effects come in their order; what a
 * timer or a shown account tells is headed by a line of its own.
 */
import { defaultConfig } from '@smacks/core'
import { accountLines, effectLine, momentOf } from './notation.js'
import { perform } from './transcript/commands.js'
import { beginStory, type Story, type StoryStep, storyStart } from './transcript/story.js'

const separator = '----'

interface Block {
  readonly comments: ReadonlyArray<string>
  readonly commands: ReadonlyArray<string>
  readonly expected: ReadonlyArray<string>
}

/** One block as it is and as it should be. */
export interface ToldBlock {
  /** The last line of its comment, or its first command. */
  readonly title: string
  readonly commands: ReadonlyArray<string>
  readonly expected: ReadonlyArray<string>
  readonly actual: ReadonlyArray<string>
  /** The steps of the core behind it, but for those of `given`. */
  readonly steps: ReadonlyArray<StoryStep>
}

/** Runs a transcript. Throws an `Error` that quotes a line it does not understand. */
export const runTranscript = (text: string): ReadonlyArray<ToldBlock> => {
  const told: Array<ToldBlock> = []
  let story = beginStory(defaultConfig)
  for (const block of blocksOf(text)) {
    if (block.commands.length === 0) continue
    const { after, actual, steps } = tell(story, block.commands)
    story = after
    told.push({ title: titleOf(block), commands: block.commands, expected: block.expected, actual, steps })
  }
  return told
}

/** The transcript with what the core makes of it now in place of what was expected. */
export const rewriteTranscript = (text: string): string => {
  const told = runTranscript(text)
  let next = 0
  const blocks = blocksOf(text).map(block => {
    if (block.commands.length === 0) return block.comments.join('\n')
    const actual = told[next]?.actual ?? []
    next += 1
    return [...block.comments, ...block.commands, separator, ...actual].join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}

const tell = (story: Story, commands: ReadonlyArray<string>) => {
  const actual: Array<string> = []
  const steps: Array<StoryStep> = []
  let after = story
  for (const command of commands) {
    if (command.trim() === 'show') {
      actual.push(...accountLines(after.account, name => name, storyStart))
      continue
    }
    const [next, made] = perform(after, command)
    after = next
    steps.push(...made)
    actual.push(...made.flatMap(linesOf))
  }
  return { after, actual, steps }
}

const linesOf = ({ event, effects }: StoryStep): ReadonlyArray<string> => {
  const lines = effects.map(effect => effectLine(effect, name => name, storyStart))
  if (event._tag === 'QueueSettled') return ['a page is settled:', ...lines]
  return event._tag === 'TimerFired' ? [`at ${momentOf(event.at, storyStart)}, ${event.timer} fires:`, ...lines] : lines
}

const titleOf = ({ comments, commands }: Block): string =>
  (comments[comments.length - 1] ?? commands[0] ?? '').replace(/^#\s*/, '')

const blocksOf = (text: string): ReadonlyArray<Block> =>
  text
    .split(/\n\s*\n/)
    .map(paragraph => paragraph.split('\n').filter(line => line.trim() !== ''))
    .filter(lines => lines.length > 0)
    .map(lines => {
      const comments = lines.filter(line => line.startsWith('#'))
      const rest = lines.filter(line => !line.startsWith('#'))
      const end = rest.indexOf(separator)
      return {
        comments,
        commands: end < 0 ? rest : rest.slice(0, end),
        expected: end < 0 ? [] : rest.slice(end + 1),
      }
    })
