/**
 * A file of black-box rules: sentences that any server can be held to, each with where it is written. Where a
 * peer is known to break one, the rule says so with the reason, and is *expected to fail* there: that shows
 * that it can.
 */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { ejabberdIsSpared } from './ejabberd-is-spared.js'
import { type House, makeUsers, openHouse } from './house.js'
import type { RunningServer, ServerOptions, Target, TestUser } from './server.js'
import { missing, startTarget, target } from './targets.js'

export interface RuleOptions {
  /** Peers that are known to break the rule, and how. */
  readonly differs?: Partial<Record<Exclude<Target, 'smacks'>, string>>
  /** Peers that the rule does not concern, or that break it only sometimes. */
  readonly spares?: Partial<Record<Exclude<Target, 'smacks'>, string>>
}

/** States a rule: where it is written, what it says, how it is shown. */
export type Rule = (
  source: string,
  sentence: string,
  show: (house: House) => Promise<void>,
  options?: RuleOptions,
) => void

export interface RuleFile extends Omit<ServerOptions, 'users'> {
  /** Accounts that the file needs. */
  readonly people?: number
}

/** The rules of one topic, on one server. */
export const rules = (topic: string, file: RuleFile, define: (rule: Rule) => void): void => {
  describe.skipIf(missing !== undefined).concurrent(`${topic}${missing === undefined ? '' : ` (${missing})`}`, () => {
    let server: RunningServer | undefined
    let starting: Promise<RunningServer> | undefined
    const users: TestUser[] = [...makeUsers(file.people ?? 100)]

    beforeAll(async () => {
      starting = startTarget({ ...file, users })
      server = await starting
    })
    // Also a server that came up too late for its file must go.
    afterAll(async () => (await starting)?.stop())

    const next = (): TestUser => {
      const user = users.pop()
      if (user === undefined) throw new Error(`the file has no more people; raise 'people' in the rules of ${topic}`)
      return user
    }
    define((source, sentence, show, options = {}) => {
      const [differs, spares] = remarksOn(sentence, options)
      const judge = spares !== undefined ? test.skip : differs !== undefined ? test.fails : test
      const remark = spares ?? differs
      judge(`${sentence} [${source}]${remark === undefined ? '' : ` (${target}: ${remark})`}`, async () => {
        if (server === undefined) throw new Error('the server did not start')
        const house = openHouse(server, next)
        try {
          await show(house)
        } finally {
          house.leave()
        }
      })
    })
  })
}

/** How the target is known to break the rule, and why it is spared it. */
const remarksOn = (sentence: string, options: RuleOptions): readonly [differs?: string, spares?: string] => {
  if (target === 'smacks') return []
  const spared = target === 'ejabberd' ? ejabberdIsSpared[sentence] : undefined
  return [options.differs?.[target], options.spares?.[target] ?? spared]
}
