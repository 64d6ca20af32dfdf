/** The receiving peer: a server that lets everybody in, with no more negotiation than stream management needs. */
import { type Element, encodeNonza } from '@smacks/codec'
import { type Nonza, type Resource, refusePremature } from '@smacks/core'
import type { Entropy } from '@smacks/runtime'
import { xmlStreamFraming } from '@smacks/stream'
import type { LineEnd } from '../link/line.js'
import { bindNamespace, isBind } from './negotiation.js'
import { type Peer, pairAccount, pairDomain, pairResource } from './peer.js'
import { closeInAnswer, csiNamespace, loseLine, nonzaOf, takeDrain, takeTraffic } from './traffic.js'
import type { Wire, WireHandler, Wires } from './wires.js'

export interface Receiving {
  readonly handler: WireHandler
  /** Takes a line that was dialled; if a session has it already, as if all negotiation had been done. */
  readonly accept: (end: LineEnd) => void
}

/** The peer and its wires are there when the first line is dialled. */
export const receiving = (parts: () => { readonly peer: Peer; readonly wires: Wires }, entropy: Entropy): Receiving => {
  const openStreamOn = (wire: Wire): void =>
    parts().wires.write(
      wire,
      xmlStreamFraming.open({ content: 'jabber:client', from: pairDomain, id: entropy.freshId() }),
    )

  const negotiate = (wire: Wire, element: Element, nonza: Nonza | undefined): void => {
    const { peer, wires } = parts()
    if (nonza?._tag === 'Resume') {
      const { version, previd, h } = nonza
      const asked = { _tag: 'ResumeReceived', connection: wire.id, version, previd, h } as const
      const outcome = peer.ask(asked, answer => wires.answer(wire, answer))
      // What the core decided is not performed yet; what comes next is the session's all the same.
      if (outcome._tag === 'Resumed') wire.resource = outcome.resource
    } else if (nonza !== undefined) wires.write(wire, encodeNonza(refusePremature('authenticated', nonza.version)))
    else if (isBind(element)) {
      peer.happen({ _tag: 'SessionBound', resource: pairResource, connection: wire.id })
      wire.resource = pairResource
      const jid = `${pairAccount}/${pairResource}`
      wires.write(wire, `<iq type='result' id='bind'><bind xmlns='${bindNamespace}'><jid>${jid}</jid></bind></iq>`)
    }
  }

  const takeBound = (wire: Wire, resource: Resource, element: Element, nonza: Nonza | undefined): void => {
    const { peer } = parts()
    const where = { resource, connection: wire.id }
    if (takeTraffic(peer, where, element, nonza)) return
    if (nonza?._tag === 'Enable') {
      const { version, resume, max } = nonza
      const asked = max === undefined ? { version, resume } : { version, resume, max }
      peer.happen({ _tag: 'EnableReceived', ...where, ...asked, freshId: entropy.freshId() })
    } else if (nonza?._tag === 'Resume') {
      const { version, previd, h } = nonza
      peer.happen({ _tag: 'ResumeReceived', connection: wire.id, version, previd, h })
    } else if (element.getNS() === csiNamespace)
      peer.happen({ _tag: element.getName() === 'active' ? 'ClientActive' : 'ClientInactive', ...where })
    else throw new Error(`no client sends <${element.getName()}/> to a bound connection`)
  }

  return {
    accept: end => {
      const { peer, wires } = parts()
      const wire = wires.take(end)
      if (peer.connection() !== wire.id) return
      wire.resource = pairResource
      openStreamOn(wire)
    },
    handler: {
      opened: wire => {
        if (wire.resource === undefined) openStreamOn(wire)
      },
      element: (wire, element) => {
        const nonza = nonzaOf(element)
        if (wire.resource === undefined) negotiate(wire, element, nonza)
        else takeBound(wire, wire.resource, element, nonza)
      },
      closed: (wire, erred) => closeInAnswer(parts().peer, parts().wires, wire, erred),
      drained: wire => takeDrain(parts().peer, wire),
      lost: wire => loseLine(parts().peer, wire),
    },
  }
}
