/** Elements of stream management as a diagram shows them: short, in the words of the standard. */
import type { Nonza } from '@smacks/core'
import type { Tone } from '@smacks/diagram'

export const enableText = (resume: boolean): string => (resume ? "<enable resume='true'/>" : '<enable/>')

export const nonzaText = (nonza: Nonza): { readonly text: string; readonly tone: Tone } => {
  switch (nonza._tag) {
    case 'Ack':
      return { text: `<a h='${nonza.h}'/>`, tone: 'nonza' }
    case 'Request':
      return { text: '<r/>', tone: 'nonza' }
    case 'Enable':
      return { text: enableText(nonza.resume), tone: 'nonza' }
    case 'Enabled':
      return { text: nonza.resume ? "<enabled resume='true'/>" : '<enabled/>', tone: 'nonza' }
    case 'Failed': {
      const h = nonza.h === undefined ? '' : ` h='${nonza.h}'`
      return { text: `<failed${h}/>: ${nonza.condition}`, tone: 'bad' }
    }
    case 'Resume':
      return { text: `<resume h='${nonza.h}'/>`, tone: 'good' }
    case 'Resumed':
      return { text: `<resumed h='${nonza.h}'/>`, tone: 'good' }
  }
}
