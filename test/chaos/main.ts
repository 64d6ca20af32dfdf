/** `npm run chaos`: kills the server many times under load, and prints what became of it all. */
import { parseArgs } from 'node:util'
import { type ChaosResult, isFlawless, runChaos } from './chaos.js'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    crashes: { type: 'string', default: '200' },
    clients: { type: 'string', default: '16' },
    durability: { type: 'string', default: 'process' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const help = `npm run chaos -- [--crashes N] [--clients N] [--durability process|disk] [--seed N]

Kills the server N times (200) while clients (16) talk to each other: at random, and at each point where
a crash could hurt. The clients resume. Exit code 0: nothing lost, doubled or reordered, and every
session resumed. The same seed makes the same choices.`

const whole = (name: string, text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${text}: an integer above 0 is needed`)
  return value
}

const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0

const row = (cells: ReadonlyArray<number | string>): string =>
  cells.map((cell, index) => (index === 0 ? String(cell).padEnd(28) : String(cell).padStart(12))).join('')

const print = ({ seed, endings, verdict, resumed, refused, cuts, surprises, isQuiet, output }: ChaosResult): void => {
  console.log(
    `\n${row(['the server ended', 'times', 'median ms', 'greatest ms'])}   (from its start until it listens again)`,
  )
  for (const [ending, { count, recoveries }] of endings)
    console.log(row([ending, count, Math.round(median(recoveries)), Math.round(Math.max(...recoveries))]))
  console.log('')
  const { sent, delivered, returned, lost, doubled, reordered, complaints } = verdict
  console.log(row(['messages sent', sent]))
  console.log(row(['delivered once, in order', delivered]))
  console.log(row(['returned to their sender', returned]))
  console.log(row(['lost', lost]))
  console.log(row(['doubled', doubled]))
  console.log(row(['reordered', reordered]))
  console.log(row(['lines cut by clients', cuts]))
  console.log(row(['sessions resumed', resumed]))
  console.log(row(['resumptions refused', refused]))
  for (const complaint of [...complaints, ...surprises]) console.log(`! ${complaint}`)
  if (!isQuiet) console.log('! not all of it went quiet in time')
  console.log(`seed ${seed}`)
  if (complaints.length + surprises.length > 0 || !isQuiet)
    console.log(`the server's last lines:\n${output.join('\n')}`)
}

if (values.help) {
  console.log(help)
} else {
  if (values.durability !== 'process' && values.durability !== 'disk')
    throw new Error(`--durability ${values.durability}: allowed are process and disk`)
  const crashes = whole('crashes', values.crashes)
  const result = await runChaos({
    seed: Number(values.seed),
    crashes,
    clients: whole('clients', values.clients),
    durability: values.durability,
    onProgress: (done, { delivered }) => {
      if (process.stdout.isTTY) process.stdout.write(`\r${done} of ${crashes} crashes, ${delivered} messages delivered`)
      else if (done % 20 === 0) console.log(`${done} of ${crashes} crashes, ${delivered} messages delivered`)
    },
  })
  print(result)
  process.exitCode = isFlawless(result) ? 0 : 1
}
