/** A token bucket: so many bytes a second, after a burst. */
export interface Throttle {
  /** Counts bytes that were read. Returns for how many milliseconds nothing more may be read; 0: go on. */
  readonly take: (bytes: number) => number
}

export const createThrottle = (bytesPerSecond: number, burstBytes: number, now: () => number): Throttle => {
  let tokens = burstBytes
  let filledAt = now()
  return {
    take: bytes => {
      const at = now()
      tokens = Math.min(burstBytes, tokens + ((at - filledAt) / 1000) * bytesPerSecond) - bytes
      filledAt = at
      return tokens >= 0 ? 0 : Math.ceil((-tokens / bytesPerSecond) * 1000)
    },
  }
}
