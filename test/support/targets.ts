/** The servers a black-box test can run against; `SMACKS_TARGET` chooses one. */

import type { RunningServer, ServerOptions, Target } from './server.js'
import { ejabberdProgram, startEjabberd } from './start-ejabberd.js'
import { prosodyProgram, startProsody } from './start-prosody.js'
import { startSmacks } from './start-smacks.js'

const targets: ReadonlyArray<string> = ['ejabberd', 'prosody', 'smacks'] satisfies ReadonlyArray<Target>
const isTarget = (name: string): name is Target => targets.includes(name)

const chosen = process.env.SMACKS_TARGET ?? 'smacks'
if (!isTarget(chosen)) throw new Error(`SMACKS_TARGET is '${chosen}'; allowed are ${targets.join(', ')}`)

/** The server that this run judges. */
export const target: Target = chosen

/** Why the target cannot run here; nothing if it can. */
export const missing =
  (target === 'prosody' && prosodyProgram() === undefined) || (target === 'ejabberd' && ejabberdProgram() === undefined)
    ? `${target} is not installed`
    : undefined

const start = { ejabberd: startEjabberd, prosody: startProsody, smacks: startSmacks }

export const startTarget = (options: ServerOptions): Promise<RunningServer> => start[target](options)
