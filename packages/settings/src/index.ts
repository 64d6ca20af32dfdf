/** The tables of a configuration file: what each key may hold, and sentences about what is wrong. */
export { describe, shown } from './describe.js'
export * from './setting-types.js'
export { type Key, type Keys, key, table } from './settings-table.js'
