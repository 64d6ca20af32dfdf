/** What is kept of an account, as records of the batch. */

export interface PutRecord {
  readonly _tag: 'PutRecord'
  readonly kind: string
  readonly name: string
  readonly text: string
}

export interface DropRecord {
  readonly _tag: 'DropRecord'
  readonly kind: string
  readonly name: string
}
