/** Which channel bindings (RFC 5929, RFC 9266) are offered. */
import type { ChannelBindingType } from '@smacks/stream'
import type { SaslContext } from './mechanism.js'

/** The types to advertise, none where no `-PLUS` mechanism is to be offered. */
export const offeredBindings = (
  context: Pick<SaslContext, 'channelBinding' | 'secure'>,
): ReadonlyArray<ChannelBindingType> => {
  if (!context.secure || context.channelBinding('tls-unique') === undefined) return []
  const byVersion = context.channelBinding('tls-exporter') === undefined ? 'tls-unique' : 'tls-exporter'
  return context.channelBinding('tls-server-end-point') === undefined
    ? [byVersion]
    : [byVersion, 'tls-server-end-point']
}

/** True for the names of types that there may be data for. */
export const isChannelBindingType = (name: string): name is ChannelBindingType =>
  name === 'tls-exporter' || name === 'tls-server-end-point' || name === 'tls-unique'
