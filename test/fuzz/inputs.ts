/** Inputs: one of a corpus, with some edits. They are made by fast-check, so a seed makes them again, and they shrink. */
import fc from 'fast-check'

type Edit =
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number; readonly times: number }
  | {
      readonly kind: 'splice'
      readonly at: number
      readonly other: Uint8Array
      readonly from: number
      readonly length: number
    }

/** No input is longer. */
export const longest = 32_768

export const inputsOf = (corpus: ReadonlyArray<Uint8Array>, words: ReadonlyArray<string>): fc.Arbitrary<Uint8Array> => {
  const at = fc.nat({ max: 1_000_000 })
  const length = fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 8 }) },
    { weight: 1, arbitrary: fc.nat({ max: 2_000 }) },
  )
  const bytes = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('', ...words).map(encoded) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }).map(encoded) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('0', '-1', '1e999', '4294967296', '9007199254740993', '\0', '\ufeff').map(encoded),
    },
  )
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({ kind: fc.constant('cut' as const), at, length }),
    fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat({ max: 7 }) }),
    fc.record({ kind: fc.constant('insert' as const), at, bytes }),
    fc.record({ kind: fc.constant('repeat' as const), at, length, times: fc.nat({ max: 300 }) }),
    fc.record({ kind: fc.constant('splice' as const), at, other: fc.constantFrom(...corpus), from: at, length }),
  )
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(edit, { maxLength: 8 }))
    .map(([base, edits]) => edits.reduce(edited, base).slice(0, longest))
}

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text)

const edited = (input: Uint8Array, edit: Edit): Uint8Array => {
  const at = edit.at % (input.length + 1)
  switch (edit.kind) {
    case 'cut':
      return joined(input.subarray(0, at), input.subarray(at + edit.length))
    case 'flip':
      return input.map((byte, index) => (index === at ? byte ^ (1 << edit.bit) : byte))
    case 'insert':
      return joined(input.subarray(0, at), edit.bytes, input.subarray(at))
    case 'repeat': {
      const part = input.subarray(at, at + edit.length)
      const times = Math.min(edit.times, Math.floor(longest / Math.max(1, part.length)))
      return joined(input.subarray(0, at), ...Array.from({ length: times }, () => part), input.subarray(at))
    }
    case 'splice': {
      const from = edit.from % (edit.other.length + 1)
      return joined(input.subarray(0, at), edit.other.subarray(from, from + edit.length), input.subarray(at))
    }
  }
}

const joined = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))
