/** A command line taken apart: `laptop: resume h=1 previd=sm-1 on=c3`. */
import type { Resource } from '@smacks/core'
import { firstResource } from '../notation.js'

export interface Line {
  readonly resource: Resource
  readonly verb: string
  /** What is neither the verb nor `name=value`. */
  readonly words: ReadonlyArray<string>
  readonly options: ReadonlyMap<string, string>
}

/** Takes a line apart at its spaces. */
export const parseLine = (text: string): Line => {
  const all = text.trim().split(/\s+/)
  const named = /^([a-z][a-z0-9-]*):$/.exec(all[0] ?? '')
  const [verb = '', ...rest] = named === null ? all : all.slice(1)
  const isOption = (word: string): boolean => /^[a-zA-Z][a-zA-Z0-9-]*=/.test(word)
  return {
    resource: named?.[1] ?? firstResource,
    verb,
    words: rest.filter(word => !isOption(word)),
    options: new Map(
      rest.filter(isOption).map(word => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
    ),
  }
}

/** The number of an option, if it is given. Throws an `Error` if it is none. */
export const numberOption = (line: Line, name: string): number | undefined => {
  const text = line.options.get(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (text === '' || Number.isNaN(value)) throw new Error(`${name}=${text}: a number is needed`)
  return value
}

/** True if the bare word is there. */
export const hasWord = (line: Line, word: string): boolean => line.words.includes(word)

/** A member, if there is a value for it. */
export const optional = <Name extends string, V>(name: Name, value: V | undefined): { readonly [N in Name]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { readonly [N in Name]: V })
