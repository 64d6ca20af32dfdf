/** The first move of two small worlds, for `npm test`; `im-explorer.test.ts` has all of them, and goes on from there. */
import { describe, expect, test } from 'vitest'
import { faults } from './faults.js'
import { scenes } from './scenes.js'
import { explore } from './search.js'

describe.each([
  ['strangers who direct presence', 'after a restart nobody knows to whom presence was directed'],
  ['strangers who may become friends', 'a subscription is durable later than what is said of it'],
])('%s', (sceneName, faultName) => {
  const scene = scenes.find(({ name }) => name === sceneName)
  const fault = faults.find(({ name }) => name === faultName)
  if (scene === undefined || fault === undefined) throw new Error(`there is no ${sceneName}, or no ${faultName}`)

  test('see what is so, wherever the server is killed in the first move', { timeout: 60_000 }, () => {
    const { violation, deaths } = explore(scene, 1)
    expect(violation).toBeUndefined()
    expect(deaths).toBeGreaterThan(50)
  })

  test(`would not, if ${faultName}`, { timeout: 60_000 }, () => {
    expect(explore(scene, 1, fault).violation).toContain('WRONG: ')
  })
})
