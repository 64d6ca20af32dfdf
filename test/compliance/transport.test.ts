import { recordingTransport, transportCompliance } from '@smacks/testkit'
import { describe, expect, it } from 'vitest'

describe('the recording transport', () => {
  transportCompliance<string>({
    describe,
    it,
    expect,
    stanza: text => text,
    create: () => {
      const transport = recordingTransport<string>(text => text)
      return {
        transport,
        adopted: transport.adopted,
        connect: () => {
          const connection = transport.connect()
          return {
            connection,
            received: () => transport.lines(connection).join('\n'),
            ended: () => transport.ended(connection),
            writes: () => transport.writes(connection).map(write => write.join('\n')),
          }
        },
      }
    },
  })
})
