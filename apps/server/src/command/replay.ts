export interface ReplayWords {
  readonly json?: boolean
}
export const replayFiles = async (..._: ReadonlyArray<unknown>): Promise<number> => 0
