/** `npm run test:slow`: what `npm test` leaves out, and each property as often as it says. */
import { defineConfig } from 'vitest/config'
import { patternsOf, seldom, slow } from './parts.js'
import all, { reportersOf } from './vitest.config.js'

export default defineConfig({
  ...all,
  test: { ...all.test, include: patternsOf([...slow, ...seldom]), reporters: reportersOf('slow') },
})
