/** What a server said, in short: the name of each element and of what is in it, `header` and `end` for the stream's own. */
import { parseElement } from '@smacks/codec'
import { getOrElseW } from 'fp-ts/lib/Either.js'

export const outcome = (said: string): ReadonlyArray<string> => {
  const inside = said
    .replace(/<\?xml[^>]*\?><stream:stream [^>]*>/g, '<header/>')
    .replaceAll('</stream:stream>', '<end/>')
  const root = getOrElseW(problem => {
    throw new Error(`${problem}: ${said}`)
  })(parseElement(`<x xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>${inside}</x>`))
  return root.getChildElements().map(({ name, ...element }) => {
    const names = element.children.flatMap(child =>
      typeof child === 'string' || child.name === 'text' ? [] : [child.name],
    )
    return names.length === 0 ? name : `${name}(${names.join(' ')})`
  })
}
