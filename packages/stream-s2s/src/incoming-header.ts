/** Which stream headers of servers are accepted (RFC 6120 §§4.7, 4.8). */
import type { StreamFault, StreamHeader } from '@smacks/codec'
import { domainOf } from '@smacks/codec'
import { brief } from '@smacks/stream'
import { type Either, left, right } from '#fp-ts/Either'
import type { StreamPair } from './addressing.js'

/** Whom a header is from and to. The latter is served here; the former may be left to dialback. */
export interface Claim {
  readonly local: string
  readonly remote: string | undefined
}

/** What is claimed, or what is wrong with it. `shown` is who it was shown to be, once it was. */
export const judgeServerHeader = (
  { xmlns, version, from, to }: StreamHeader,
  domains: ReadonlyArray<string>,
  shown: StreamPair | undefined,
): Either<StreamFault, Claim> => {
  if (xmlns !== 'jabber:server')
    return left({
      condition: 'invalid-namespace',
      text: `The default namespace is '${brief(xmlns)}'; servers use 'jabber:server'.`,
    })
  if (version === undefined || !/^[1-9]\d{0,8}\.\d{1,9}$/.test(version))
    return left({
      condition: 'unsupported-version',
      text: `The version is '${brief(version ?? '')}'; it must be '1.0'.`,
    })
  const local = to === undefined ? shown?.local : domainOf(to)
  if (local === undefined || !domains.includes(local))
    return left({ condition: 'host-unknown', text: `The domain '${brief(to ?? '')}' is not served here.` })
  const remote = from === undefined ? shown?.remote : domainOf(from)
  if (from !== undefined && remote === undefined)
    return left({ condition: 'invalid-from', text: `The stream is from '${brief(from)}', which is no domain.` })
  if (remote !== undefined && domains.includes(remote))
    return left({ condition: 'invalid-from', text: `The domain '${remote}' is served here.` })
  if (shown !== undefined && (shown.local !== local || shown.remote !== remote))
    return left({
      condition: 'invalid-from',
      text: `The stream is from '${remote}' to '${local}', but '${shown.remote}' to '${shown.local}' was shown.`,
    })
  return right({ local, remote })
}
