/** What LMDB tells of its pages. */

export interface Statistics {
  readonly pageSize: number
  /** The last page of the whole file. */
  readonly lastPageNumber: number
  /** The pages of the database that was asked, its tree's and those beside it. */
  readonly pages: number
}

/** Of a database, or of the environment's own. lmdb hands out its statistics without a type. */
export const statisticsOf = (database: { readonly getStats: () => object }): Statistics => {
  const told = new Map<string, unknown>(Object.entries(database.getStats()))
  const numberOf = (name: string): number => {
    const value = told.get(name)
    if (typeof value !== 'number') throw new Error(`lmdb tells no ${name}`)
    return value
  }
  return {
    pageSize: numberOf('pageSize'),
    lastPageNumber: numberOf('lastPageNumber'),
    pages: numberOf('treeBranchPageCount') + numberOf('treeLeafPageCount') + numberOf('overflowPages'),
  }
}
