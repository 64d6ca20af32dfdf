/**
 * Loaded into a process before all else (`node --import`): its wall clock shows the system's time and as many milliseconds more
 * as the file says that SMACKS_TEST_WALL_CLOCK names. The file may change at any time; the monotonic clock stays as it is.
 */
import { readFileSync } from 'node:fs'

const file = process.env.SMACKS_TEST_WALL_CLOCK
const SystemDate = Date
let offset = 0

const read = () => {
  const said = Number(readFileSync(file, 'utf8'))
  if (Number.isFinite(said)) offset = said
}

if (file !== undefined) {
  read()
  setInterval(read, 5).unref()
  globalThis.Date = class WallDate extends SystemDate {
    constructor(...args) {
      if (args.length === 0) super(SystemDate.now() + offset)
      else super(...args)
    }

    static now() {
      return SystemDate.now() + offset
    }
  }
}
