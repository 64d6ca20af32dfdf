import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { withStateDiagram } from '../../checks/state-diagram.js'

const readme = fileURLToPath(new URL('../../../packages/core/README.md', import.meta.url))

test('the state diagram of the README is the one of the code; SMACKS_REWRITE=1 makes it so', () => {
  if (process.env.SMACKS_REWRITE === '1') writeFileSync(readme, withStateDiagram(readFileSync(readme, 'utf8')))
  const document = readFileSync(readme, 'utf8')
  expect(document).toBe(withStateDiagram(document))
})

test('a document without a place for the diagram is refused', () => {
  expect(() => withStateDiagram('# nothing')).toThrow('state diagram')
})
