/** What the people of a real Prosody did while our server was killed, and the sessions that resume. */
import { describe, test } from 'vitest'
import { besideProsody } from '../../support/federation/beside-prosody.js'
import { prosodyProgram } from '../../support/federation/prosody.js'
import { killAtOnce, moment } from '../ground.js'
import { befriend, show, watch } from './people.js'

const here = prosodyProgram() === undefined ? describe.skip : describe
const named = (name: string): string =>
  prosodyProgram() === undefined ? `${name} (skipped: Prosody is not installed, apt install prosody)` : name

here(named('beside a Prosody'), () => {
  test(
    'who resumes after a kill is told what contacts there did meanwhile, though nobody there says it again',
    () =>
      besideProsody(async ({ serveOurs, serveProsody, toOurs }) => {
        const prosodys = await serveProsody()
        const ours = await serveOurs()
        const [romeo, juliet, nurse] = [ours.person(), prosodys.person(), prosodys.person()]
        const phone = await ours.managed(romeo, 'phone')
        const [balcony, kitchen] = [await prosodys.managed(juliet, 'balcony'), await prosodys.managed(nurse, 'kitchen')]
        await befriend(phone, romeo, balcony, juliet)
        await befriend(phone, romeo, kitchen, nurse)
        const seen = watch(phone)
        show(balcony, 'here')
        show(kitchen, 'here')
        await seen.shows(juliet, { balcony: 'here' })
        await seen.shows(nurse, { kitchen: 'here' })
        await killAtOnce(ours.server)
        // Prosody cannot say it, and gives it up.
        toOurs.admit(false)
        show(balcony, 'away')
        await kitchen.close()
        await moment(3_000)
        toOurs.admit(true)
        const back = await serveOurs()
        seen.on(await back.resumed(phone))
        await seen.shows(juliet, { balcony: 'away' })
        await seen.shows(nurse, {})
      }),
    240_000,
  )
})
