/** Whether a folder can hold the server's data, found out without making it. */
import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Why it cannot: the path, what was found, what is needed. Nothing if it can. */
export const dataFolderProblem = (data: string): string | undefined => {
  const existing = nearestFolder(data)
  const what = existing === data ? data : `${data} is to be made in ${existing}, which`
  const stats = statSync(existing)
  if (!stats.isDirectory()) return `${what} is a file; a folder is needed`
  try {
    accessSync(existing, constants.W_OK | constants.X_OK)
  } catch {
    return `${what} cannot be written by this user`
  }
  // Whoever may write everywhere may not write there.
  return isOfKernel(existing) ? `${what} is no place for files` : undefined
}

/** The folder, or the nearest above it that is there. */
export const nearestFolder = (path: string): string =>
  isThere(path) || dirname(path) === path ? path : nearestFolder(dirname(path))

const isThere = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // What is above it is a file, or cannot be looked into.
    return false
  }
}

const isOfKernel = (path: string): boolean => /^\/(?:proc|sys)(?:\/|$)/.test(path)
