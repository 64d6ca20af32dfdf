/** The services that are one exchange each: ping, version, time, legacy session, carbons. */
import { carbonsNamespace, element } from '@smacks/codec'
import { pingNamespace, sessionNamespace, timeNamespace, versionNamespace } from '../namespaces.js'
import { presenceOf, setPresence } from '../presence/sessions.js'
import { badRequest, done, result, type Service, unavailable } from './service.js'

/** XEP-0199. */
export const ping: Service = ({ type, target }) =>
  type === 'get' && target._tag !== 'OtherAccount' ? done : unavailable

/** XEP-0092. */
export const softwareVersion: Service = ({ view, type, target }) =>
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
export const entityTime: Service = ({ view, type, target }) =>
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
export const legacySession: Service = ({ type, target }) =>
  type === 'set' && target._tag !== 'OtherAccount' ? done : unavailable

/** XEP-0280 §§4, 5. Asking twice is no error (§10.1). */
export const carbons: Service = ({ view, account, asker, type, target, payload }) => {
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

/** The services of this file by the namespace of what they are asked. */
export const smallServices: Readonly<Record<string, Service>> = {
  [pingNamespace]: ping,
  [versionNamespace]: softwareVersion,
  [timeNamespace]: entityTime,
  [sessionNamespace]: legacySession,
  [carbonsNamespace]: carbons,
}
