import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, rootCertificates } from 'node:tls'
import { loadAuthorities, TlsError } from '@smacks/certificates'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuthority } from '../../support/authority.js'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smacks-roots-'))
  file = join(folder, 'roots.pem')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('authorities', () => {
  test('are those of Node where no file names more', async () =>
    expect(await loadAuthorities(undefined)).toEqual(rootCertificates))

  test('of a file are trusted besides', async () => {
    const [one, other] = [await createAuthority('One'), await createAuthority('Other')]
    writeFileSync(file, `Of ours:\n${one.root}\n${other.root}`)
    const trusted = await loadAuthorities(file)
    expect(trusted).toEqual([...rootCertificates, one.root.trim(), other.root.trim()])
    expect(() => createSecureContext({ ca: [...trusted] })).not.toThrow()
  })

  test.each([
    ['is missing', undefined, 'roots.pem does not exist'],
    ['has none', 'x', 'roots.pem holds no certificate in PEM (a block that starts with "-----BEGIN CERTIFICATE-----")'],
    [
      'has one that is none',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'Certificate 1 of 1 in FOLDER/roots.pem cannot be read: ',
    ],
  ])('of a file that %s are refused', async (_, content, said) => {
    if (content !== undefined) writeFileSync(file, content)
    const refused: unknown = await loadAuthorities(file).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(TlsError)
    expect(String(refused)).toContain(said.replace('FOLDER', folder))
  })
})
