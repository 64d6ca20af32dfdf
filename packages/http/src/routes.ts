/** Finds what is asked for. */
import { type Answer, type HttpRequest, type Route, sentence, type Upgrade } from './route.js'

export interface Routes {
  /** Throws an `Error` if something is there already. */
  readonly add: (route: Route) => void
  readonly addUpgrade: (upgrade: Upgrade) => void
  readonly upgrade: (path: string) => Upgrade | undefined
  readonly hasUpgrades: () => boolean
  /** The route, or the answer that there is none. */
  readonly find: (method: string, path: string) => Answer | Route
}

export const createRoutes = (): Routes => {
  const byPath = new Map<string, Map<string, Route>>()
  const upgrades = new Map<string, Upgrade>()
  return {
    add: route => {
      const there = byPath.get(route.path) ?? new Map<string, Route>()
      if (there.has(route.method)) throw new Error(`${route.method} ${route.path}: there is such a route already`)
      byPath.set(route.path, there.set(route.method, route))
    },
    addUpgrade: upgrade => {
      if (upgrades.has(upgrade.path)) throw new Error(`${upgrade.path}: there is such an upgrade already`)
      upgrades.set(upgrade.path, upgrade)
    },
    upgrade: path => upgrades.get(path),
    hasUpgrades: () => upgrades.size > 0,
    find: (method, path) => {
      const there = byPath.get(path)
      if (there === undefined) return sentence(404, 'There is nothing here.')
      return there.get(method === 'HEAD' ? 'GET' : method) ?? notAllowed([...there.keys()])
    },
  }
}

const notAllowed = (methods: ReadonlyArray<string>): Answer => {
  const allow = methods.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
  return sentence(405, `Allowed here: ${allow}.`, { Allow: allow })
}

/** The path and the query of what a request names; undefined if it is no path. */
export const targetOf = (url: string | undefined): Pick<HttpRequest, 'path' | 'query'> | undefined => {
  if (url === undefined || !url.startsWith('/') || url.startsWith('//')) return undefined
  const mark = url.indexOf('?')
  return mark < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) }
}
