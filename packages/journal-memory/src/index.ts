/** The journal that keeps nothing beyond the process (`durability = "memory"`). */
export * from './journal.js'
