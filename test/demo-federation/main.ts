/** `npm run demo:federation`: our server and a Prosody, whose link is cut under traffic; then what became of each message. */
import { parseArgs } from 'node:util'
import { prosodyProgram } from '../support/federation/prosody.js'
import { createPage } from './page.js'
import { isAsConfigured, playFederation } from './play.js'

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '4' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const help = `npm run demo:federation -- [--cuts N] [--seed N]

Starts our server and a Prosody on ports of 127.0.0.1, in a temporary folder, lets them federate, and cuts the link
N times (4) under traffic in each direction. Exit code 0: no message was lost, and each had the fate that is
configured. The same seed makes the same choices.`

const whole = (name: string, text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} ${text}: an integer above 0 is needed`)
  return value
}

const play = async (): Promise<boolean> => {
  const page = createPage(
    text => process.stdout.write(text),
    process.stdout.isTTY && process.env.NO_COLOR === undefined,
  )
  const seed = whole('seed', values.seed)
  const runs = await playFederation({ cuts: whole('cuts', values.cuts), seed, page })
  page.table(runs)
  const ok = runs.every(isAsConfigured)
  page.verdict(ok, seed)
  return ok
}

if (values.help) {
  console.log(help)
} else if (prosodyProgram() === undefined) {
  console.error('Prosody is not installed, and the demo needs one: apt install prosody')
  process.exitCode = 1
} else {
  try {
    process.exitCode = (await play()) ? 0 : 1
  } catch (error) {
    console.error(`The demo did not come to its end: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
