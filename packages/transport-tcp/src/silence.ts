/** Tells a peer that is silent. All connections are swept at equal intervals; what matters is how many passed since a byte came. */

/** `silent` is told when this many sweeps and one more found nothing; so it comes at most an eighth too late. */
export const sweepsOfSilence = 8

export class Silence {
  #quietSweeps = 0

  /** Something came. */
  heard(): void {
    this.#quietSweeps = 0
  }

  /** One more sweep has come. True if nothing was heard during all of the last ones. */
  sweep(): boolean {
    this.#quietSweeps += 1
    if (this.#quietSweeps <= sweepsOfSilence) return false
    this.#quietSweeps = 1
    return true
  }
}
