import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Control, openControl, socketPath } from '@smacks/control'
import { defaultConfig } from '@smacks/core'
import { createRecording, type Recording } from '@smacks/recording-files'
import { monotonicInstant } from '@smacks/runtime'
import { defaultServerConfig } from '@smacks/server'
import * as Either from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../../../../apps/server/src/command/program.js'
import { openDirectory } from '../../../../apps/server/src/recording/directory.js'
import { recordHandlers } from '../../../../apps/server/src/recording/verbs.js'
import { temporaryFolder } from '../../../support/places.js'
import { fakeTerminal } from './terminal.js'

let folder: ReturnType<typeof temporaryFolder>
let file: string
beforeEach(() => {
  folder = temporaryFolder('record')
  file = join(folder.path, 'smacks.toml')
  writeFileSync(file, 'data = "."\n')
})
afterEach(() => folder.remove())

const records = (): string => join(folder.path, 'records')

const command = async (...args: ReadonlyArray<string>) => {
  const terminal = fakeTerminal()
  const code = await runCommand([...args, '--config', file], {
    terminal,
    signals: { on: () => {}, off: () => {}, exit: () => {} },
    loadParts: () => Promise.reject(new Error('no server here')),
  })
  return { code, said: terminal.said(), complained: terminal.complained() }
}

/** What of a server answers the command: the control socket and recordings. */
const withServer = async (talk: (recording: Recording) => Promise<void>): Promise<void> => {
  const log = { error: () => {}, info: () => {}, warn: () => {} }
  const recording = createRecording({
    settings: defaultServerConfig.record,
    directory: records(),
    files: openDirectory,
    config: defaultConfig,
    by: 'a test',
    clock: { now: () => Date.UTC(2026, 0, 31, 12), monotonic: () => monotonicInstant(0) },
    later: () => {},
    log,
  })
  const control: Control = await openControl({
    path: socketPath({ data: folder.path }),
    handlers: () => recordHandlers(recording),
    log,
  })
  try {
    await talk(recording)
  } finally {
    await control.close()
    await recording.close()
  }
}

describe('record start', () => {
  test('records all accounts, and says into which file', () =>
    withServer(async recording => {
      expect(await command('record', 'start')).toEqual({
        code: 0,
        said: `All accounts: recorded.\n${join(records(), '20260131T120000.000Z-000001.ndjson')}\n`,
        complained: '',
      })
      expect(recording.status().accounts).toEqual(['*'])
    }))

  test('records the accounts that are named, however they are written, and redacts', () =>
    withServer(async recording => {
      const { code, said } = await command('record', 'start', 'Romeo@localhost', 'juliet@LOCALHOST', '--redact')
      expect([code, said.split('\n')[0]]).toEqual([0, 'juliet@localhost, romeo@localhost: recorded, redacted.'])
      expect(recording.status()).toMatchObject({ accounts: ['juliet@localhost', 'romeo@localhost'], redacted: true })
    }))

  test('refuses accounts of other domains, and what is none', () =>
    withServer(async recording => {
      for (const jid of ['romeo@example.org', 'romeo@localhost/desk', '*']) {
        const { code, complained } = await command('record', 'start', jid)
        expect([code, complained]).toEqual([2, expect.stringContaining(jid.split('/')[0] ?? '')])
      }
      expect(recording.status().accounts).toEqual([])
    }))

  test('says why the server refuses', () =>
    withServer(async recording => {
      recording.start('*', false)
      expect(await command('record', 'start', '--redact')).toEqual({
        code: 1,
        said: '',
        complained:
          'The server refuses: recording is on without redaction, and a recording has it throughout or not at all; stop it first.\n',
      })
    }))

  test('says that the folder cannot be used', () =>
    withServer(async () => {
      writeFileSync(records(), 'a file')
      const { code, complained } = await command('record', 'start')
      expect([code, complained]).toEqual([
        1,
        expect.stringContaining(
          `The server refuses: recordings cannot be put into ${records()}: cannot make the directory ${records()}: ${records()} is there, and is no directory`,
        ),
      ])
    }))
})

describe('record stop', () => {
  test('stops all', () =>
    withServer(async recording => {
      recording.start('*', false)
      expect(await command('record', 'stop')).toEqual({
        code: 0,
        said: `Nothing is recorded. The files are in ${records()}.\n`,
        complained: '',
      })
    }))

  test('stops one, and says who is left', () =>
    withServer(async recording => {
      recording.start(new Set(['romeo@localhost', 'juliet@localhost']), false)
      const { code, said } = await command('record', 'stop', 'romeo@localhost')
      expect([code, said.split('\n')[0]]).toEqual([0, 'juliet@localhost: recorded.'])
    }))

  test('says who is not recorded at all', () =>
    withServer(async () => {
      const { code, complained } = await command('record', 'stop', 'romeo@localhost')
      expect([code, complained]).toEqual([1, 'The server refuses: not recorded: romeo@localhost.\n'])
    }))
})

describe('record status', () => {
  test('says what is the matter', () =>
    withServer(async recording => {
      expect((await command('record', 'status')).said).toBe(`Nothing is recorded. The files are in ${records()}.\n`)
      expect(Either.isRight(recording.start('*', true))).toBe(true)
      expect((await command('record', 'status')).said).toMatch(/^All accounts: recorded, redacted\.\n\/.*\.ndjson\n$/)
    }))
})

describe('where no server can be asked', () => {
  test('that is said, with what to do', async () =>
    expect(await command('record', 'status')).toEqual({
      code: 1,
      said: '',
      complained: expect.stringMatching(/^No server runs on \/.* \(.*ENOENT.*\)\. Start it, or give the --config/),
    }))
})

test.each([[['record']], [['record', 'begin']], [['record', 'status', 'romeo@localhost']]])(
  '%j is wrong usage',
  async args => expect((await command(...args)).code).toBe(2),
)
