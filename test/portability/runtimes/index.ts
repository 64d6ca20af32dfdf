/** The runtimes that the suite runs on. All others are compared with Node. */
import { chromium } from './chromium.js'
import { bun, deno, node } from './command-line.js'
import type { Runtime } from './runtime.js'
import { workerd } from './workerd.js'

export { node }
export const others: ReadonlyArray<Runtime> = [bun, deno, chromium, workerd]
