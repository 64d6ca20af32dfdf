/** The services that are one exchange each: ping, version, time, legacy session, carbons. */
import { carbonsNamespace, element } from '@smacks/codec'
import { pingNamespace, sessionNamespace, timeNamespace, versionNamespace } from '../namespaces.js'
import { presenceOf, setPresence } from '../presence/sessions.js'
import { badRequest, done, type IqHandler, result, type Service, unavailable } from './service.js'

/** XEP-0199. */
const ping: IqHandler = ({ type, target }) => (type === 'get' && target._tag !== 'OtherAccount' ? done : unavailable)

/** XEP-0092. */
const softwareVersion: IqHandler = ({ view, type, target }) =>
  type === 'get' && target._tag === 'Domain'
    ? result(
        element(
          'query',
          { xmlns: versionNamespace },
          element('name', {}, 'smacks'),
          element('version', {}, view.version),
        ),
      )
    : unavailable

/** XEP-0202. The server keeps UTC. */
const entityTime: IqHandler = ({ view, type, target }) =>
  type === 'get' && target._tag === 'Domain'
    ? result(
        element(
          'time',
          { xmlns: timeNamespace },
          element('tzo', {}, '+00:00'),
          element('utc', {}, new Date(view.now).toISOString()),
        ),
      )
    : unavailable

/** RFC 3921 §3: the session exists already; older clients ask for it all the same. */
const legacySession: IqHandler = ({ type, target }) =>
  type === 'set' && target._tag !== 'OtherAccount' ? done : unavailable

/** XEP-0280 §§4, 5. Asking twice is no error (§10.1). */
const carbons: IqHandler = ({ view, account, asker, type, target, payload }) => {
  if (type !== 'set' || target._tag !== 'OwnAccount') return unavailable
  const { carbonsSince, ...others } = presenceOf(account, asker.resource)
  switch (payload.getName()) {
    case 'enable':
      return { _tag: 'Result', change: setPresence({ ...others, carbonsSince: carbonsSince ?? view.now }) }
    case 'disable':
      return { _tag: 'Result', change: setPresence(others) }
    default:
      return badRequest(`<${payload.name}/> is neither <enable/> nor <disable/>`)
  }
}

export const pingService: Service = { handlers: { [pingNamespace]: ping }, features: { domain: [pingNamespace] } }

export const versionService: Service = {
  handlers: { [versionNamespace]: softwareVersion },
  features: { domain: [versionNamespace] },
}

export const timeService: Service = { handlers: { [timeNamespace]: entityTime }, features: { domain: [timeNamespace] } }

/** It is no feature: it is told before authentication, in the stream's own. */
export const sessionService: Service = { handlers: { [sessionNamespace]: legacySession } }

export const carbonsService: Service = {
  handlers: { [carbonsNamespace]: carbons },
  features: { domain: [carbonsNamespace] },
}
