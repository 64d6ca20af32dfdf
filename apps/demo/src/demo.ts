/**
 * The main job of this server, shown: two real clients chat while their lines are cut, and not one message is lost
 * or doubled. The chapters tell the story; `stage.ts` has the players, the lines and the picture.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DemoOptions, DemoResult } from './result.js'
import { openStage, type Stage } from './stage.js'
import { isPerfect } from './tally.js'

const beat = 300
const actSeconds = 20
/** A message is longer than this inside TLS, and any nonza is shorter. */
const messageBytes = 110

/** Plays the demo; takes some 15 s, ends by itself, never rejects. */
export const runDemo = async (options: DemoOptions): Promise<DemoResult> => {
  const stage = await openStage(options)
  let cuts = 0
  let problem: string | undefined
  try {
    await withinTime(stage.enter(), 'logging in')
    await withinTime(chat(stage), 'the chat')
    for (const act of [cutTheReader, cutTheWriter, silence]) {
      cuts += 1
      await withinTime(act(stage), `chapter ${cuts + 2}`)
    }
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error)
  }
  const tallies = stage.tallies()
  const resumptions = stage.resumptions()
  const ok = problem === undefined && tallies.every(isPerfect) && resumptions === cuts
  const result = { ok, ...(problem !== undefined && { problem }), tallies, cuts, resumptions }
  await stage.leave()
  stage.report(result)
  return result
}

const chat = async ({ chapter, romeo, juliet, settled, status }: Stage): Promise<void> => {
  chapter('2. They chat. Both sides count stanzas: <r/> asks for the count, <a h=.../> tells it.')
  romeo.say('But, soft! what light is this?')
  await sleep(beat)
  juliet.say('Ay me!')
  await sleep(beat)
  romeo.say('She speaks.')
  await settled()
  status()
}

const cutTheReader = async ({ chapter, romeo, juliet, settled, status }: Stage): Promise<void> => {
  chapter(`3. ${juliet.name}'s line is cut inside a stanza (RST). ${romeo.name} need not know, and goes on.`)
  const resumed = juliet.resumed(1_500)
  const cut = juliet.line.cutInside('down', messageBytes)
  romeo.say('O, speak again, bright angel!')
  await cut
  for (const text of ['Call me but love', "and I'll be new baptized;", 'I never will be Romeo.']) {
    await sleep(beat)
    romeo.say(text)
  }
  await resumed
  await settled()
  status()
}

const cutTheWriter = async ({ chapter, romeo, juliet, settled, status }: Stage): Promise<void> => {
  chapter(`4. ${romeo.name}'s line is cut while writing. The client sends again what the server did not count.`)
  const resumed = romeo.resumed(1_500)
  romeo.say("With love's light wings")
  const cut = romeo.line.cutInside('up', messageBytes)
  await sleep(beat / 2)
  romeo.say("did I o'er-perch these walls;")
  juliet.say('By whose direction?')
  await cut
  await sleep(beat)
  juliet.say('What man art thou?')
  await resumed
  await settled()
  status()
}

const silence = async ({ chapter, romeo, juliet, settled, status }: Stage): Promise<void> => {
  chapter(`5. ${juliet.name}'s line dies without a word (half-open): all that tells is an unanswered <r/>.`)
  const resumed = juliet.resumed(300)
  juliet.line.fallSilent()
  juliet.loseThePatienceAfter(1_500)
  romeo.say('Good night, good night!')
  await sleep(beat)
  juliet.say('Parting is such sweet sorrow,')
  await sleep(beat)
  romeo.say('that I shall say good night')
  await resumed
  romeo.say('till it be morrow.')
  await settled()
  status()
}

const withinTime = async (act: Promise<void>, name: string): Promise<void> => {
  const clock = new AbortController()
  const late = sleep(actSeconds * 1000, undefined, { signal: clock.signal }).then(() => {
    throw new Error(`${name} took longer than ${actSeconds} s`)
  })
  late.catch(() => undefined)
  try {
    await Promise.race([act, late])
  } finally {
    clock.abort()
  }
}
