/** What the text format of Prometheus says, read with as little as the tests need. */

export interface Family {
  readonly type: string
  readonly help: string
}

export interface Exposed {
  readonly families: ReadonlyMap<string, Family>
  /** By series: the name, with labels as they are written. */
  readonly values: ReadonlyMap<string, number>
}

/** Throws an `Error` for a line that is none of the format, for what is told twice, and for a value of no family. */
export const parseExposition = (text: string): Exposed => {
  const families = new Map<string, { type: string; help: string }>()
  const values = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line === '# EOF') continue
    const [, what, name = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line) ?? []
    if (what !== undefined) {
      const family = families.get(name) ?? { type: '', help: '' }
      const key = what === 'HELP' ? 'help' : 'type'
      if (family[key] !== '') throw new Error(`${name} has its ${what} twice`)
      families.set(name, { ...family, [key]: rest })
      continue
    }
    const [, series = '', of = '', value = ''] = /^(([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{[^{}]*\})?) (\S+)$/.exec(line) ?? []
    if (series === '') throw new Error(`no line of the format: ${line}`)
    if (values.has(series)) throw new Error(`${series} is there twice`)
    if (!families.has(of) && !families.has(of.replace(/_(bucket|sum|count|total)$/, '')))
      throw new Error(`${series} has no family`)
    values.set(series, Number(value.replace('Inf', 'Infinity')))
  }
  return { families, values }
}
