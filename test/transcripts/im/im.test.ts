/**
 * Stories of instant messaging, told in text files. With SMACKS_REWRITE=1 the files are rewritten to what the reducer does
 * now; commit such a change only if you know why it is right.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tell } from './story.js'

const folder = new URL('.', import.meta.url)

for (const file of readdirSync(folder).filter(name => name.endsWith('.txt'))) {
  const path = fileURLToPath(new URL(file, folder))
  const stories = storiesIn(readFileSync(path, 'utf8'))
  if (process.env.SMACKS_REWRITE === '1')
    writeFileSync(
      path,
      `${stories.map(({ title, commands }) => [`# ${title}`, ...commands, '----', ...tell(commands)].join('\n')).join('\n\n')}\n`,
    )
  describe(file, () => {
    for (const { title, commands, expected } of storiesIn(readFileSync(path, 'utf8')))
      it(title, () => {
        expect(tell(commands)).toEqual(expected)
      })
  })
}

/** The paragraphs of a file. */
function storiesIn(text: string) {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map(story => {
      const [title = '', ...lines] = story.split('\n')
      const line = lines.indexOf('----')
      return { title: title.replace(/^# /, ''), commands: lines.slice(0, line), expected: lines.slice(line + 1) }
    })
}
