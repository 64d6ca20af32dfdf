/** All measures, in the order in which they run and are told. */
import type { Measure } from '../measure.js'
import { codec } from './codec.js'
import { coreSteps } from './core.js'
import { cumulativeAck } from './cumulative-ack.js'
import { expiry } from './expiry.js'
import { generated } from './generated.js'
import { growth } from './growth.js'
import { heap } from './heap.js'
import { loadCurve } from './load-curve.js'
import { logins } from './login.js'
import { memory, memoryCurve, memoryOfLongQueues } from './memory.js'
import { paced } from './paced.js'
import { recovery } from './recovery.js'
import { resumes } from './resume.js'
import { saturated } from './saturated.js'
import { singles } from './single.js'

export const measures: ReadonlyArray<Measure> = [
  ...saturated,
  ...paced,
  ...singles,
  ...logins,
  ...resumes,
  memory,
  memoryOfLongQueues,
  heap,
  cumulativeAck,
  expiry,
  recovery,
  growth,
  generated,
  coreSteps,
  codec,
  loadCurve,
  memoryCurve,
]
