/** The exit code of the program that reads a data file (`read-all.ts`) where LMDB says that it cannot be read. */
export const cannotRead = 3
