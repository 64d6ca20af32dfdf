/** How tones look in a terminal: names of styles, as Node's `styleText` takes them. */
import type { Tone } from './mark.js'

export const toneStyles = {
  again: ['bold', 'magenta'],
  bad: ['bold', 'red'],
  good: ['bold', 'green'],
  nonza: ['yellow'],
  quiet: ['gray'],
  stanza: ['cyan'],
  title: ['bold'],
} as const satisfies Readonly<Record<Tone, ReadonlyArray<string>>>
