import { entropyCompliance, seededEntropy } from '@smacks/testkit'
import { createEntropy } from '@smacks/timers-host'
import { describe, expect, it } from 'vitest'

const runner = { describe, it, expect }

describe('seeded entropy', () => {
  entropyCompliance({ ...runner, create: () => ({ entropy: seededEntropy(198) }) })
})

describe("the host's entropy", () => {
  entropyCompliance({ ...runner, create: () => ({ entropy: createEntropy() }) })
})
