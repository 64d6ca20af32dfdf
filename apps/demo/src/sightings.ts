/** How an element looks in the picture: short, in the words of the standard. */

import type { Tone } from '@smacks/diagram'
import type { XmlElement } from '@xmpp/client'

export interface Sighting {
  readonly text: string
  readonly tone: Tone
}

/** Nothing for what belongs to logging in, and is not shown. */
export const sightingOf = (element: XmlElement, again = false): Sighting | undefined => {
  const { name, attrs } = element
  switch (name) {
    case 'a':
      return { text: `<a h='${attrs.h}'/>`, tone: 'nonza' }
    case 'enable':
      return { text: "<enable resume='true'/>", tone: 'nonza' }
    case 'enabled':
      return { text: `<enabled resume='${attrs.resume}' max='${attrs.max}'/>`, tone: 'nonza' }
    case 'failed':
      return { text: '<failed/>: the session is gone', tone: 'bad' }
    case 'message':
      return { text: describeMessage(element, again), tone: again || isDelayed(element) ? 'again' : 'stanza' }
    case 'r':
      return { text: '<r/>', tone: 'nonza' }
    case 'resume':
      return { text: `<resume h='${attrs.h}' previd='...'/>`, tone: 'good' }
    case 'resumed':
      return { text: `<resumed h='${attrs.h}' previd='...'/>`, tone: 'good' }
    default:
      return undefined
  }
}

/** It carries the time it was first sent (XEP-0203). */
export const isDelayed = (element: XmlElement): boolean => element.getChild('delay', 'urn:xmpp:delay') !== undefined

const describeMessage = (element: XmlElement, again: boolean): string => {
  const number = element.attrs.id?.replace(/^.*-/, '') ?? '?'
  return `${again ? 'again ' : ''}${number}: ${element.getChildText('body') ?? ''}`
}
