/**
 * Messages that are counted: how often each came to its recipient, and how often it came back to its sender. Servers that
 * cannot resume have two generals between them (XEP-0198 §4): what arrived and was not acked may come back as well.
 */
import { bodyOf, type Xml } from '../xml.js'
import type { XmppClient } from '../xmpp-client.js'

export interface Counts {
  readonly sent: number
  /** That came, once at least. */
  readonly delivered: number
  /** That came back, once at least. */
  readonly returned: number
  /** That came, and came back too: the link died between a stanza and its ack. */
  readonly both: number
  /** Copies beyond the first that came. */
  readonly doubled: number
  /** Returns beyond the first. */
  readonly returnedAgain: number
  /** That neither came nor came back. */
  readonly lost: number
  /** The conditions with which they came back. */
  readonly conditions: ReadonlyArray<string>
}

export interface Letters {
  /** Sends so many more. */
  readonly send: (from: XmppClient, to: string, count: number) => void
  /** What came to whomever. */
  readonly saw: (elements: ReadonlyArray<Xml>) => void
  /** Each of them came or came back. */
  readonly isSettled: () => boolean
  readonly counts: () => Counts
}

interface Letter {
  came: number
  cameBack: number
}

/** The name makes them differ from all others. */
export const createLetters = (name: string): Letters => {
  const letters = new Map<string, Letter>()
  const conditions = new Set<string>()
  const all = (fits: (letter: Letter) => boolean): number => [...letters.values()].filter(fits).length
  const beyond = (times: (letter: Letter) => number): number =>
    [...letters.values()].reduce((sum, letter) => sum + Math.max(0, times(letter) - 1), 0)
  return {
    send: (from, to, count) => {
      for (let n = 0; n < count; n += 1) {
        const id = `${name} ${letters.size + 1}`
        letters.set(id, { came: 0, cameBack: 0 })
        from.message(to, id)
      }
    },
    saw: elements => {
      for (const element of elements.filter(it => it.name === 'message')) {
        const isError = element.attrs.type === 'error'
        const letter = letters.get((isError ? element.attrs.id : bodyOf(element)) ?? '')
        if (letter === undefined) continue
        if (isError) {
          letter.cameBack += 1
          conditions.add(conditionOf(element) ?? 'none')
        } else letter.came += 1
      }
    },
    isSettled: () => all(({ came, cameBack }) => came + cameBack === 0) === 0,
    counts: () => ({
      sent: letters.size,
      delivered: all(({ came }) => came > 0),
      returned: all(({ cameBack }) => cameBack > 0),
      both: all(({ came, cameBack }) => came > 0 && cameBack > 0),
      doubled: beyond(({ came }) => came),
      returnedAgain: beyond(({ cameBack }) => cameBack),
      lost: all(({ came, cameBack }) => came + cameBack === 0),
      conditions: [...conditions].sort(),
    }),
  }
}

/** The condition of a stanza that is an error. */
export const conditionOf = (stanza: Xml): string | undefined =>
  stanza.children
    .find(({ name }) => name === 'error')
    ?.children.find(({ ns, name }) => ns === 'urn:ietf:params:xml:ns:xmpp-stanzas' && name !== 'text')?.name

/** Waits until all letters are settled, but not longer than so many milliseconds; true if they are. */
export const settled = async (
  letters: ReadonlyArray<Letters>,
  clients: ReadonlyArray<XmppClient>,
  milliseconds = 20_000,
): Promise<boolean> => {
  const deadline = Date.now() + milliseconds
  for (;;) {
    for (const client of clients) {
      const came = await client.untilFence()
      for (const of of letters) of.saw(came)
    }
    if (letters.every(it => it.isSettled())) return true
    if (Date.now() > deadline) return false
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

let pings = 0

/**
 * Asks a server elsewhere for a sign of life; the answer, and all that came before it. A link that was lost often is made
 * anew only after a while, so there is time for that.
 */
export const pingAcross = async (client: XmppClient, domain: string): Promise<readonly [Xml, ReadonlyArray<Xml>]> => {
  pings += 1
  const id = `across-${pings}`
  client.send(`<iq type='get' id='${id}' to='${domain}'><ping xmlns='urn:xmpp:ping'/></iq>`)
  const before: Array<Xml> = []
  const deadline = Date.now() + 60_000
  for (;;) {
    before.push(...(await client.untilFence()))
    const at = before.findIndex(({ name, attrs }) => name === 'iq' && attrs.id === id)
    const [answer] = at < 0 ? [] : before.splice(at, 1)
    if (answer !== undefined) return [answer, before]
    if (Date.now() > deadline) throw new Error(`${domain} does not answer a ping`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
