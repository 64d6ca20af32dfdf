/** The initiating peer: a client with one session, which it binds, enables, and resumes whenever it dials anew. */
import type { Element } from '@smacks/codec'
import { type Enabled, type Nonza, type Phase, type Resource, type SmVersion, sessionOf } from '@smacks/core'
import type { LineEnd } from '../link/line.js'
import { bindRequest, clientHeader, isBind } from './negotiation.js'
import { type Peer, pairDomain, pairResource } from './peer.js'
import { closeInAnswer, csiNamespace, loseLine, nonzaOf, takeDrain, takeTraffic } from './traffic.js'
import type { Wire, WireHandler, Wires } from './wires.js'

/** What the client asks for with `<enable/>` (XEP-0198 §3). */
export interface Asking {
  readonly version: SmVersion
  readonly resume: boolean
  /** Seconds. */
  readonly max?: number
}

export interface Initiating {
  readonly handler: WireHandler
  /**
   * Goes over to a new line. If the session still has one, the client thinks that is lost, but does not close it:
   * what comes over it is heard, and void.
   */
  readonly dial: (end: LineEnd) => void
  /** Takes a line as the session's, as if all negotiation had been done. */
  readonly adopt: (end: LineEnd) => void
  /** The line dialled last is open as far as the client knows. */
  readonly isOnline: () => boolean
  /** Says whether anybody looks at the screen (XEP-0352). Nothing is said without a bound connection. */
  readonly saySight: (state: 'active' | 'inactive') => void
}

export const initiating = (parts: () => { readonly peer: Peer; readonly wires: Wires }, asking: Asking): Initiating => {
  /** The line that the client dialled last. */
  let current: Wire | undefined

  const bind = (wire: Wire): void => parts().wires.write(wire, bindRequest)

  const dial = (end: LineEnd): void => {
    const { peer, wires } = parts()
    const connection = peer.connection()
    if (connection !== undefined) peer.happen({ _tag: 'ConnectionLost', resource: pairResource, connection })
    const wire = wires.take(end)
    current = wire
    wires.write(wire, clientHeader(pairDomain))
    if (!isResumable(peer)) return bind(wire)
    wire.resource = pairResource
    peer.happen({ _tag: 'ResumeRequested', resource: pairResource, connection: wire.id })
  }

  const bound = (wire: Wire): void => {
    if (wire !== current) return
    const { peer } = parts()
    const where = { resource: pairResource, connection: wire.id }
    wire.resource = pairResource
    // What an earlier connection did not take waits for stream management, and is held until it is enabled.
    if (phaseOf(peer) !== 'Connecting') peer.happen({ _tag: 'SessionBound', ...where })
    peer.happen({ _tag: 'EnableRequested', ...where, ...asking, hold: true })
  }

  const takeBound = (wire: Wire, resource: Resource, nonza: Nonza | undefined): void => {
    const { peer } = parts()
    const where = { resource, connection: wire.id }
    switch (nonza?._tag) {
      case 'Enabled':
        return peer.happen({ _tag: 'EnabledReceived', ...where, ...granted(nonza) })
      case 'Resumed':
        return peer.happen({ _tag: 'ResumedReceived', ...where, previd: nonza.previd, h: nonza.h })
      case 'Failed': {
        const { condition, h } = nonza
        peer.happen({ _tag: 'FailedReceived', ...where, condition, ...(h === undefined ? {} : { h }) })
        if (sessionOf(peer.account(), pairResource) !== undefined) return
        // The stream is as good as before `<resume/>` (XEP-0198 §5).
        wire.resource = undefined
        if (wire === current) bind(wire)
        return
      }
      default:
        throw new Error(`no server sends ${nonza?._tag ?? 'such an element'} to a bound connection`)
    }
  }

  return {
    dial,
    adopt: end => {
      const wire = parts().wires.take(end)
      wire.resource = pairResource
      current = wire
      parts().wires.write(wire, clientHeader(pairDomain))
    },
    isOnline: () => current !== undefined && parts().wires.isOpen(current),
    saySight: state => {
      if (current !== undefined && current.id === parts().peer.connection())
        parts().wires.write(current, `<${state} xmlns='${csiNamespace}'/>`)
    },
    handler: {
      opened: () => {},
      element: (wire, element) => {
        const nonza = nonzaOf(element)
        if (wire.resource !== undefined) {
          const where = { resource: wire.resource, connection: wire.id }
          if (!takeTraffic(parts().peer, where, element, nonza)) takeBound(wire, wire.resource, nonza)
        } else if (isAnswer(element)) bound(wire)
      },
      closed: (wire, erred) => closeInAnswer(parts().peer, parts().wires, wire, erred),
      drained: wire => takeDrain(parts().peer, wire),
      lost: wire => loseLine(parts().peer, wire),
    },
  }
}

const granted = ({ resume, id, max }: Enabled) => ({
  resume,
  ...(id === undefined ? {} : { id }),
  ...(max === undefined ? {} : { max }),
})

const phaseOf = (peer: Peer): Phase | undefined => sessionOf(peer.account(), pairResource)?._tag

const isResumable = (peer: Peer): boolean => {
  const phase = phaseOf(peer)
  return phase !== undefined && phase !== 'Connecting'
}

const isAnswer = (element: Element): boolean => isBind(element) && element.attrs.type === 'result'
