import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const readme = readFileSync(at('spec/README.md'), 'utf8')
const cases = readdirSync(at('spec/edge-cases'))
  .map(name => readFileSync(at(`spec/edge-cases/${name}`), 'utf8'))
  .join('\n')

test('each file that the README names is there', () => {
  const named = [...readme.matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(path => !existsSync(at(path.includes('/') ? path : `spec/${path}`)))).toEqual([])
})

test('each of the hundred edge cases is answered by a test of its number, or the README says where', () => {
  const tested = [...cases.matchAll(/['"`](\d+)\. /g)].map(([, number]) => Number(number))
  const listed = [...readme.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, numbers = '']) =>
    numbers.split(',').map(Number),
  )
  const answered = new Set([...tested, ...listed])
  const all = Array.from({ length: 100 }, (_, index) => index + 1)
  expect(all.filter(number => !answered.has(number))).toEqual([])
})
