/** A core with one fault. */
export interface Mutant {
  /** What is wrong, in plain English. */
  readonly name: string
  /** Below packages/core/src. */
  readonly file: string
  /** Stands in that file exactly once. */
  readonly text: string
  readonly replacement: string
  /** What a user would see of it. */
  readonly harm: string
}
