/**
 * Makes recordings: plays each scene against the built server and keeps what it records. Run by hand, see README.md;
 * with names, only those are made.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startOn } from '../integration/ground.js'
import { openHouse } from '../support/house.js'
import { startLineProxy } from '../support/line-proxy.js'
import { temporaryFolder } from '../support/places.js'
import { cuts } from './making/cuts.js'
import { ends } from './making/ends.js'
import { presences } from './making/presence.js'
import { resumptions } from './making/resumptions.js'
import type { Scene } from './making/scenes.js'
import { talks } from './making/talk.js'
import { wrap } from './making/wrap.js'

const scenes: ReadonlyArray<Scene> = [...talks, ...cuts, ...resumptions, ...ends, ...presences]
const users = ['romeo', 'juliet'].map(username => ({ username, password: `secret of ${username}` }))

const fileOf = (name: string): string => fileURLToPath(new URL(`${name}.ndjson`, import.meta.url))

/** The text of the one file that the server wrote. */
const record = async ({ config = {}, limits = {}, args = [], play }: Scene): Promise<string> => {
  const folder = temporaryFolder('recordings')
  const records = join(folder.path, 'records')
  const server = await startOn({ folder: folder.path, users, config, limits, args: ['--record', records, ...args] })
  const proxy = await startLineProxy({ port: server.port })
  const house = openHouse(server, () => {
    throw new Error('the people of a scene have names')
  })
  const [romeo, juliet] = users.map(user => ({ ...user, jid: `${user.username}@${server.domain}` }))
  if (romeo === undefined || juliet === undefined) throw new Error('two people are needed')
  try {
    await play({ house, romeo, juliet, proxy })
    await server.terminate()
    const [name, ...others] = readdirSync(records)
    if (name === undefined || others.length > 0)
      throw new Error(`one recording was to be made, not ${others.length + 1}`)
    return readFileSync(join(records, name), 'utf8')
  } finally {
    house.leave()
    await proxy.stop()
    await server.stop()
    folder.remove()
  }
}

const keep = (name: string, text: string): void => {
  writeFileSync(fileOf(name), text)
  console.log(`${name}: ${text.trimEnd().split('\n').length} lines, ${text.length} bytes`)
}

const wanted = process.argv.slice(2)
const isWanted = (name: string): boolean => (wanted.length === 0 ? !existsSync(fileOf(name)) : wanted.includes(name))

for (const scene of scenes) if (isWanted(scene.name)) keep(scene.name, await record(scene))

const peers = wrap('smacks testkit')
for (const [side, text] of Object.entries(peers)) {
  const name = `wrap-near-2-32-${side}`
  if (isWanted(name)) keep(name, text)
}
