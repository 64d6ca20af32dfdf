/** Who serves a data folder: one server at a time, whoever listens at its control socket. */
import type { ControlLog } from './conversation.js'
import { type Control, type ControlOptions, openControl } from './listener.js'
import { livingOwner, removeOwner, writeOwner } from './owner-file.js'
import { type DataFolder, fits, socketPath } from './protocol.js'
import { isAlive, OwnedElsewhere } from './socket-file.js'

export interface OwnershipOptions {
  readonly config: DataFolder
  readonly handlers: ControlOptions['handlers']
  readonly log: ControlLog
}

/** Takes the folder, which has to be there; closing gives it back. Rejects with an `Error` that says what to do if a server owns it. */
export const ownData = async ({ config, handlers, log }: OwnershipOptions): Promise<Control> => {
  const path = socketPath(config)
  try {
    const control = await openControl({ path, handlers, log })
    const owner = livingOwner(config.data)
    if (owner !== undefined) {
      await control.close()
      throw new Error(unreachableText(config, owner))
    }
    writeOwner(config.data)
    return {
      close: async () => {
        removeOwner(config.data)
        await control.close()
      },
    }
  } catch (error) {
    if (error instanceof OwnedElsewhere) throw new Error(ownedText(config, error.path))
    throw error
  }
}

/** Why nobody else may use the folder as its own now; nothing if no server runs on it. Changes nothing. */
export const foreignOwner = async (config: DataFolder): Promise<string | undefined> => {
  const path = socketPath(config)
  if (fits(path) && (await isAlive(path))) return ownedText(config, path)
  const owner = livingOwner(config.data)
  return owner === undefined ? undefined : unreachableText(config, owner)
}

/** A server runs there and cannot be asked. */
export const unreachableText = ({ data }: DataFolder, owner: number): string =>
  `a server (process ${owner}) runs on the data in ${data}, and nothing answers at its control socket, ${socketPath({ data })}. If somebody removed that, the server makes it anew within seconds: try again, or stop the server first.`

const ownedText = ({ data }: DataFolder, path: string): string =>
  `another server runs on the data in ${data} (it answers at ${path}). Stop it first, or choose another "data" in the configuration.`
