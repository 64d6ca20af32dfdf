/** A session that hibernated, in which this was told, is resumed. */
const resumed = (notice: string): ReadonlyArray<string> => [
  `Notify ${notice}`,
  'ResumeReceived',
  'AdoptConnection',
  'SendNonza Resumed',
  'SendStanza',
  'Notify HibernationEnded resumed',
]

/** A session that hibernated is over. */
const expired: ReadonlyArray<string> = [
  'Notify HibernationStarted',
  'TimerFired hibernation',
  'EndSession expired',
  'RememberOldSession',
]

/** The recordings, and what must happen in each for it to be what its name says. */
export const tells: Readonly<Record<string, ReadonlyArray<string>>> = {
  'happy-path': ['EnableReceived', 'StanzaReceived', 'SendStanza', 'AckReceived', 'SendNonza Ack', 'EndSession closed'],
  'happy-path-redacted': ['EnableReceived', 'SendStanza', 'AckReceived', 'EndSession closed'],
  'happy-path-in-memory': ['EnableReceived', 'SendStanza', 'AckReceived', 'EndSession closed'],
  'client-state': ['ClientInactive', 'SendNonza Request', 'ClientActive', 'EndSession closed'],

  'cut-by-reset': ['ConnectionLost', ...resumed('HibernationStanzaQueued')],
  'cut-without-close': ['ConnectionLost', ...resumed('HibernationStanzaQueued')],
  'cut-inside-a-stanza-to-the-server': ['ConnectionLost', ...resumed('HibernationStanzaQueued')],
  'cut-inside-a-stanza-to-the-client': ['ConnectionLost', ...resumed('HibernationStarted')],
  'half-open-noticed-by-the-client': ['ResumeReceived', 'CloseConnection conflict', 'SendNonza Resumed'],
  'half-open-noticed-by-the-server': [
    'ConnectionSilent',
    'ArmTimer readProbe',
    'DropConnection',
    ...resumed('HibernationStarted'),
  ],

  'resumed-while-the-old-line-stands': ['ResumeReceived', 'CloseConnection conflict', 'SendNonza Resumed'],
  'two-resumptions-race': ['ConnectionLost', ...resumed('HibernationStarted'), 'CloseConnection conflict'],
  'resumed-twice': ['ConnectionLost', ...resumed('HibernationStarted')],
  'resumed-with-a-wrong-id-and-too-high-h': [
    'SendNonza Failed item-not-found',
    'SendNonza Failed undefined-condition',
    ...resumed('HibernationStarted'),
  ],
  'resumed-too-late': ['EndSession expired', 'ResumeReceived', 'SendNonza Failed item-not-found'],

  'timeout-with-offline-storage': [...expired, 'StoreOffline', 'ReturnToSender'],
  'timeout-without-offline-storage': [...expired, 'ReturnToSender'],
  'timeout-after-what-the-client-asked-for': [...expired, 'StoreOffline'],
  'timeout-of-one-of-two-sessions': [...expired, 'ReturnToSender'],
  'overflow-refused-until-h-says-enough': ['SendNonza Failed resource-constraint', ...resumed('HibernationStarted')],
  'overflow-while-the-line-is-down': [...expired, 'SendNonza Failed resource-constraint', 'StoreOffline'],
  'closed-cleanly': ['StreamClosed', 'SendNonza Ack', 'StoreOffline', 'EndSession closed'],
  'acked-more-than-was-sent': ['CloseConnection undefined-condition', 'EndSession refused', 'StoreOffline'],
  'server-stops': ['ConnectionLost', 'ServerStopping', 'StoreOffline', 'EndSession stopped'],

  'presence-and-roster': [
    'im PresenceArrived',
    'im PresenceShown',
    'im MessageArrived',
    'im Push',
    'im PutRecord',
    'ConnectionLost',
    ...resumed('HibernationStarted'),
  ],
  'presence-and-roster-redacted': ['im PresenceArrived', 'im PresenceShown', 'im MessageArrived', 'im Push'],

  'wrap-near-2-32-server': ['RequestReceived', 'ConnectionLost', ...resumed('HibernationStanzaQueued')],
  'wrap-near-2-32-client': ['ConnectionLost', 'ResumeRequested', 'SendNonza Resume', 'ResumedReceived', 'SendStanza'],
}
