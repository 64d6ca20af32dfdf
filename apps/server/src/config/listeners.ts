/** Where the server listens, by the options that say so. */
import type { ListenAddress } from '@smacks/settings'
import type { ServerConfig } from './server-config.js'

export interface Listeners {
  /** As the configuration file spells it. */
  readonly option: string
  readonly addresses: ReadonlyArray<ListenAddress>
}

export const listenersOf = ({
  c2s,
  s2s,
  http,
}: Pick<ServerConfig, 'c2s' | 'http' | 's2s'>): ReadonlyArray<Listeners> => [
  { option: 'c2s.listen', addresses: c2s.listen },
  { option: 'c2s.direct_tls', addresses: c2s.directTls },
  { option: 's2s.listen', addresses: s2s.listen },
  { option: 's2s.direct_tls', addresses: s2s.directTls },
  { option: 'http.listen', addresses: http.listen },
]
