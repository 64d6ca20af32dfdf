/** Who is measured, and what stands behind each name. */

import { baseFolder, baseMissing, baseVersion } from './base-build.js'
import type { SubjectId } from './measure.js'
import { ejabberd } from './peers/ejabberd.js'
import type { Peer } from './peers/peer.js'
import { prosody } from './peers/prosody.js'
import { relay } from './peers/relay.js'
import { smacks } from './peers/smacks.js'
import { repository, todayVersion } from './versions.js'

const today = (name: string): Peer => smacks({ name, root: repository, version: todayVersion(), isOld: false })

const base = (): Peer => {
  const peer = smacks({ name: 'base', root: baseFolder(), version: baseVersion, isOld: true })
  return { ...peer, missing: () => baseMissing() ?? peer.missing() }
}

export const subjectIds: ReadonlyArray<SubjectId> = ['today', 'again', 'base', 'ejabberd', 'prosody', 'relay']

export const peerOf = (subject: SubjectId): Peer => {
  if (subject === 'today') return today('today')
  if (subject === 'again') return today('today, again')
  if (subject === 'base') return base()
  return { ejabberd, prosody, relay }[subject]
}

/** The folder of its build; empty where it is none of ours. */
export const buildOf = (subject: SubjectId): string => {
  if (subject === 'base') return baseFolder()
  return subject === 'today' || subject === 'again' ? repository : ''
}
