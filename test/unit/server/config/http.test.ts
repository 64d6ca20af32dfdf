import { allowedToken } from '@smacks/http'
import { decodeServerConfig } from '@smacks/server'
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'

const problems = (value: unknown): ReadonlyArray<string> => {
  const decoded = decodeServerConfig(value)
  return Either.isLeft(decoded) ? decoded.left : []
}

describe('the table [http]', () => {
  test.each([
    [{ listen: '127.0.0.1:9090' }, []],
    [{ listen: ['localhost:9090', '[::1]:9090'], token: 'correct-horse-battery' }, []],
    [{ tls: true }, []],
    [{ listen: '0.0.0.0:9091', tls: true, token: 'correct-horse-battery' }, []],
    [
      { listen: ['127.0.0.1:9090', '0.0.0.0:9091'] },
      [
        'http.tls: found false, allowed: true, since http.listen has "0.0.0.0:9091", which others can reach',
        `http.token: missing, allowed: ${allowedToken}, since http.listen has "0.0.0.0:9091", which others can reach`,
      ],
    ],
    [
      { listen: '[::]:9090', token: 'correct-horse-battery' },
      ['http.tls: found false, allowed: true, since http.listen has "[::]:9090", which others can reach'],
    ],
    [{ listen: '9090' }, [expect.stringMatching(/^http\.listen: found "9090", allowed: "host:port"/)]],
    // Nearly right, and so nobody else's business.
    [{ token: 'hunter2' }, [`http.token: found "(7 characters)", allowed: ${allowedToken}`]],
    [{ token: 17 }, [`http.token: found "number", allowed: ${allowedToken}`]],
    [{ tokn: 'x' }, ['http.tokn: unknown key, did you mean http.token?']],
  ])('%j', (http, said) => expect(problems({ http })).toEqual(said))
})
