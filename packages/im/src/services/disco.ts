/** Service discovery (XEP-0030): what is really supported, on the domain and on accounts. */
import { carbonsNamespace, type Element, element } from '@smacks/codec'
import {
  blockingNamespace,
  discoInfoNamespace,
  discoItemsNamespace,
  pingNamespace,
  rosterNamespace,
  timeNamespace,
  versionNamespace,
} from '../namespaces.js'
import { maySee } from '../presence/broadcast.js'
import { type Answer, type Request, refused, result, type Service, unavailable } from './service.js'

/** Of every domain. `msgoffline` (XEP-0160 §4) is added where there is offline storage. */
const domainFeatures: ReadonlyArray<string> = [
  discoInfoNamespace,
  discoItemsNamespace,
  rosterNamespace,
  pingNamespace,
  versionNamespace,
  timeNamespace,
  carbonsNamespace,
  blockingNamespace,
]

const accountFeatures: ReadonlyArray<string> = [discoInfoNamespace, discoItemsNamespace]

/** `disco#info` (XEP-0030 §3). */
export const discoInfo: Service = request =>
  whereVisible(request, () => {
    const { view, target, payload } = request
    if (payload.attrs.node !== undefined && payload.attrs.node !== '') return refused('cancel', 'item-not-found')
    return target._tag === 'Domain'
      ? result(info('server', 'im', 'smacks', [...domainFeatures, ...(view.storesOffline ? ['msgoffline'] : [])]))
      : result(info('account', 'registered', undefined, accountFeatures))
  })

/** `disco#items` (XEP-0030 §4): there are none. */
export const discoItems: Service = request =>
  whereVisible(request, () => {
    const { node } = request.payload.attrs
    if (node !== undefined && node !== '') return refused('cancel', 'item-not-found')
    return result(element('query', { xmlns: discoItemsNamespace }))
  })

/** An account answers only those who may see its user's presence (XEP-0030 §8, RFC 6121 §8.5). */
const whereVisible = ({ account, asker, type, target }: Request, answer: () => Answer): Answer => {
  if (type !== 'get') return unavailable
  return target._tag !== 'OtherAccount' || maySee(account, asker.account) ? answer() : unavailable
}

const info = (category: string, type: string, name: string | undefined, features: ReadonlyArray<string>): Element =>
  element(
    'query',
    { xmlns: discoInfoNamespace },
    element('identity', { category, type, name }),
    ...features.map(feature => element('feature', { var: feature })),
  )
