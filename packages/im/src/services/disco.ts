/** Service discovery (XEP-0030): what the services say of themselves, on the domain and on accounts. */
import { type Element, element } from '@smacks/codec'
import { discoInfoNamespace, discoItemsNamespace } from '../namespaces.js'
import { maySee } from '../presence/broadcast.js'
import { type Answer, type IqHandler, type Request, refused, result, type Service, unavailable } from './service.js'

/** `disco#info` (XEP-0030 §3). */
const discoInfo: IqHandler = request =>
  whereVisible(request, () => {
    const { view, target, payload } = request
    if (payload.attrs.node !== undefined && payload.attrs.node !== '') return refused('cancel', 'item-not-found')
    const { domain, account } = view.services.featuresOf(view)
    return target._tag === 'Domain'
      ? result(info('server', 'im', 'smacks', domain))
      : result(info('account', 'registered', undefined, account))
  })

/** `disco#items` (XEP-0030 §4): there are none. */
const discoItems: IqHandler = request =>
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

export const discoService: Service = {
  handlers: { [discoInfoNamespace]: discoInfo, [discoItemsNamespace]: discoItems },
  features: {
    domain: [discoInfoNamespace, discoItemsNamespace],
    account: [discoInfoNamespace, discoItemsNamespace],
  },
}
