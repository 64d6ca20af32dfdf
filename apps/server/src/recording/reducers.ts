/** The reducers besides the core whose steps are in recordings of this server. */
import { type ImObserver, imReducer, recordable } from '@smacks/im'
import type { Recording } from '@smacks/recording-files'
import type { OtherReducer } from '@smacks/replay'

export const reducers: ReadonlyArray<OtherReducer> = [imReducer()]

/** Has the steps of instant messaging recorded beside those of the core. */
export const recordingObserver = (recording: Recording): ImObserver => ({
  observes: recording.isRecorded,
  observe: step => recording.observeOther(isRedacted => recordable(step, isRedacted)),
})
