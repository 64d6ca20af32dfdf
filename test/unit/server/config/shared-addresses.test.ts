import { isLeft } from 'fp-ts/lib/Either.js'
import { expect, test } from 'vitest'
import { decodeServerConfig } from '../../../../apps/server/src/config/decode-server-config.js'

test.each([
  [
    { c2s: { listen: '127.0.0.1:5222', direct_tls: '127.0.0.1:5222' } },
    ['c2s.direct_tls: found "127.0.0.1:5222", allowed: an address of its own; "127.0.0.1:5222" is in c2s.listen'],
  ],
  [
    {
      c2s: { listen: ['127.0.0.1:5222', '[::1]:5222', '127.0.0.1:0'] },
      s2s: { listen: ['0.0.0.0:5222', '127.0.0.1:0'] },
    },
    ['s2s.listen: found "0.0.0.0:5222", allowed: an address of its own; "127.0.0.1:5222" is in c2s.listen'],
  ],
  [
    { c2s: { listen: ['[::]:5222', '[::]:5222'] } },
    ['c2s.listen: found "[::]:5222", allowed: an address of its own; "[::]:5222" is there before'],
  ],
])('two listeners at one place are refused: %j', (config, problems) => {
  const decoded = decodeServerConfig(config)
  expect(isLeft(decoded) && decoded.left).toEqual(problems)
})
