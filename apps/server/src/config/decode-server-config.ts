/** The configuration file of the reference server, decoded. */

import { describe } from '@smacks/settings'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { contradictions } from './contradictions.js'
import { allPaths, fileTable, type TopLevel } from './file-table.js'
import type { ServerConfig } from './server-config.js'

/**
 * Decodes a parsed configuration file. `Left` holds one sentence for each thing that is wrong: the key, the value
 * found, and what is allowed; for a key that does not exist, the one that was probably meant.
 */
export const decodeServerConfig = (value: unknown): Either.Either<ReadonlyArray<string>, ServerConfig> =>
  pipe(
    fileTable.decode(value),
    Either.map(grouped),
    Either.mapLeft(errors => errors.map(error => describe(error, allPaths))),
    Either.chain(config => {
      const problems = contradictions(config)
      return problems.length > 0 ? Either.left(problems) : Either.right(config)
    }),
  )

/** From the file's order to that of the configuration. */
const grouped = ({
  domains,
  data,
  durability,
  offlineStorage,
  logLevel,
  c2s,
  s2s,
  tls,
  limits,
  record,
  http,
  ...smacks
}: TopLevel): ServerConfig => ({
  domains,
  data,
  durability,
  offlineStorage,
  logLevel,
  smacks,
  c2s,
  s2s,
  tls,
  limits,
  record,
  http,
})
