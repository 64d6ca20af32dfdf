/**
 * `npm run check`: all that is looked at without running anything, a few at a time. Prints each check as it ends, and
 * what it complains of; the exit code is 1 if any does.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const rooms = ['packages', 'apps']
  .flatMap(kind => readdirSync(`${root}/${kind}`).map(room => `${kind}/${room}/src`))
  .filter(room => existsSync(`${root}/${room}`))

/** The longest come first. */
const checks = [
  ['docs of the public types', 'node_modules/.bin/typedoc', '--options', 'test/checks/docs.json'],
  ['types of the tests', 'node_modules/.bin/tsc', '-p', 'test'],
  ['import directions', 'test/node_modules/.bin/depcruise', '--config', 'test/checks/rooms.cjs', ...rooms],
  ['lengths of files and functions', 'test/node_modules/.bin/tsx', 'test/checks/lengths.ts'],
  ['lint', 'node_modules/.bin/biome', 'ci', '--log-level=warn', '--reporter=summary'],
]

/** Resolves with whether there is nothing to complain of. */
const check = async ([name = '', program = '', ...args]) => {
  const said = []
  const running = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const output of [running.stdout, running.stderr]) output.on('data', bytes => said.push(bytes))
  const code = await new Promise((resolve, reject) => {
    running.on('error', reject)
    running.on('close', resolve)
  })
  console.log(`> ${name}`)
  if (code !== 0) console.log(`${Buffer.concat(said)}\n> ${name}: failed (${code})`)
  return code === 0
}

const waiting = [...checks]
const work = async () => {
  const next = waiting.shift()
  return next === undefined ? [] : [await check(next), ...(await work())]
}
const results = await Promise.all(Array.from({ length: availableParallelism() }, work))
if (results.flat().includes(false)) process.exitCode = 1
