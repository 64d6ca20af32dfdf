/** The transcripts of the reducer's handlers, in both roles, told anew. */
import { runTranscript } from '@smacks/testkit'
import { createDigest } from './digest.js'

export const transcripts = (texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(texts).map(([file, text]) => {
      const blocks = runTranscript(text)
      const digest = createDigest()
      for (const { actual } of blocks) digest.add(actual)
      return [
        file,
        {
          blocks: blocks.length,
          toldOtherwise: blocks.flatMap(({ title, expected, actual }) =>
            actual.join('\n') === expected.join('\n') ? [] : [title],
          ),
          digest: digest.text(),
        },
      ]
    }),
  )
