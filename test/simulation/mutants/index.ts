/** All faults that are planted. */
import { asking } from './asking.js'
import { clock } from './clock.js'
import { configuring } from './configuring.js'
import { connecting } from './connecting.js'
import { ending } from './ending.js'
import type { Mutant } from './mutant.js'
import { negotiating } from './negotiating.js'
import { paging } from './paging.js'
import { restarting } from './restarting.js'
import { resuming } from './resuming.js'
import { sending } from './sending.js'
import { sizing } from './sizing.js'

export const mutants: ReadonlyArray<Mutant> = [
  ...sending,
  ...asking,
  ...resuming,
  ...ending,
  ...connecting,
  ...negotiating,
  ...configuring,
  ...restarting,
  ...paging,
  ...clock,
  ...sizing,
]
