/** The same happenings twice: as a recording that was made meanwhile, and as the export of the journal. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, defaultConfig } from '@smacks/core'
import { type Environment, exportJournal, journalLmdb, openEnvironment } from '@smacks/journal-lmdb'
import { offlineLmdb } from '@smacks/offline-lmdb'
import { exportedLines, type Recording } from '@smacks/replay'
import { read } from './record.js'
import { createStage, type Letter, letterPayload } from './stage.js'

const absent: Letter = { facts: { name: 'message', type: 'normal' }, body: '' }

export interface Told {
  readonly live: Recording
  readonly exported: Recording
}

/** With a small `logBound`, in characters, snapshots take the place of what happened. */
export const tellTwice = async (
  happen: (stage: ReturnType<typeof createStage>) => void,
  changed: Partial<Config> = {},
  logBound?: number,
): Promise<Told> => {
  const path = mkdtempSync(join(tmpdir(), 'smacks-'))
  const env = openEnvironment({ path, durability: 'process' })
  const config = { ...defaultConfig, queueStorage: true, ...changed }
  try {
    const journal = journalIn(env, logBound)
    const stage = createStage(config, () => journal)
    happen(stage)
    await journal.close()
    const entries = function* () {
      for (const entry of exportJournal({ env, payload: letterPayload, absent, config }))
        if (entry._tag !== 'Undecodable') yield entry
    }
    const exported = read(exportedLines({ payload: letterPayload, config, by: 'the tests', now: 0, entries }))
    return { live: stage.recording(), exported }
  } finally {
    await env.close()
    rmSync(path, { recursive: true })
  }
}

const journalIn = (env: Environment, logBound: number | undefined) => {
  const onBadRecord = (): void => {}
  const offline = offlineLmdb<Letter>({
    env,
    payload: { encode: letter => JSON.stringify(letter), decode: text => JSON.parse(text) },
    onBadRecord,
  })
  return journalLmdb<Letter>({
    env,
    durability: 'process',
    offline,
    payload: letterPayload,
    absent,
    onBadRecord,
    ...(logBound === undefined ? {} : { logBound }),
  })
}
