/** All targets. */
import type { Target } from '../target.js'
import { config } from './config.js'
import { dialback } from './dialback.js'
import { jid } from './jid.js'
import { journal } from './journal.js'
import { nonza } from './nonza.js'
import { recording } from './recording.js'
import { scanner } from './scanner.js'
import { scram } from './scram.js'
import { stream } from './stream.js'

export const targets: ReadonlyArray<Target> = [stream, scanner, nonza, jid, config, journal, recording, scram, dialback]
