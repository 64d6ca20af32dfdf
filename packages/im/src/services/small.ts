/** The services that are one exchange each: ping, version, time, legacy session, carbons. */
import { carbonsNamespace, element } from '@smacks/codec'
import { pingNamespace, sessionNamespace, timeNamespace, versionNamespace } from '../namespaces.js'
import { presenceOf, setPresence } from '../presence/state.js'
import { badRequest, done, result, type Service, unavailable } from './service.js'

/** XEP-0199. */
export const ping: Service = ({ type, target }) =>
  type === 'get' && target._tag !== 'OtherAccount' ? done : unavailable

/** XEP-0092. */
export const softwareVersion: Service = ({ context, type, target }) =>
  type === 'get' && target._tag === 'Domain'
    ? result(
        element(
          'query',
          { xmlns: versionNamespace },
          element('name', {}, 'smacks'),
          element('version', {}, context.version),
        ),
      )
    : unavailable

/** XEP-0202. The server keeps UTC. */
export const entityTime: Service = ({ context, type, target }) =>
  type === 'get' && target._tag === 'Domain'
    ? result(
        element(
          'time',
          { xmlns: timeNamespace },
          element('tzo', {}, '+00:00'),
          element('utc', {}, new Date(context.clock.now()).toISOString()),
        ),
      )
    : unavailable

/** RFC 3921 §3: the session exists already; older clients ask for it all the same. */
export const legacySession: Service = ({ type, target }) =>
  type === 'set' && target._tag !== 'OtherAccount' ? done : unavailable

/** XEP-0280 §§4, 5. Asking twice is no error (§10.1). */
export const carbons: Service = ({ context, account, resource, type, target, payload }) => {
  if (type !== 'set' || target._tag !== 'OwnAccount') return unavailable
  const { carbonsSince, ...others } = presenceOf(context.presences, account, resource)
  switch (payload.getName()) {
    case 'enable':
      setPresence(context.presences, account, { ...others, carbonsSince: carbonsSince ?? context.clock.now() })
      return done
    case 'disable':
      setPresence(context.presences, account, others)
      return done
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
