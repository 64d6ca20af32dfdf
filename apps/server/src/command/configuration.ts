import * as Either from 'fp-ts/lib/Either.js'
import { describeConfigError, loadConfig } from '../config/load-config.js'
import type { ServerConfig } from '../config/server-config.js'
import { CommandFailure, exitCode } from './exit-code.js'

/** Loads it, or fails as `EX_CONFIG` with all that is wrong with it. */
export const configurationOf = (file: string | undefined): ServerConfig => {
  const loaded = loadConfig(file)
  if (Either.isLeft(loaded)) throw new CommandFailure(describeConfigError(loaded.left), exitCode.config)
  return loaded.right
}
