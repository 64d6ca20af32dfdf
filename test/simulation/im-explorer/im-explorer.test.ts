import { describe, expect, test } from 'vitest'
import { faults } from './faults.js'
import { scenes } from './scenes.js'
import { explore } from './search.js'

describe('wherever the server is killed, each contact sees what is so', () => {
  test.each(scenes)('$name', { timeout: 600_000 }, scene => {
    const { violation, deaths } = explore(scene)
    expect(violation).toBeUndefined()
    expect(deaths).toBeGreaterThan(500)
  })
})

describe('a planted fault is found out, and the shortest way to it is told', () => {
  test.each(faults)('$name', { timeout: 600_000 }, fault => {
    for (const depth of [1, 2])
      for (const scene of scenes) {
        const { violation } = explore(scene, depth, fault)
        if (violation !== undefined) return expect(violation).toContain('WRONG: ')
      }
    expect.fail('nobody noticed')
  })
})
