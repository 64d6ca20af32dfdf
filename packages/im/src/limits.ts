/** What a user can make the server keep, each with its greatest amount. */

/** Contacts that a user can have, whatever the number of requests that wait (RFC 6121 §2). */
export const rosterItems = 10_000

/** Subscription requests that wait for one user's decision (RFC 6121 §3.1.3). */
export const pendingRequests = 1_000

/** Characters of all these requests together; each is kept whole (RFC 6121 §3.1.3), and none is taken in beyond that. */
export const pendingRequestCharacters = 1024 * 1024

/** The same of the requests of one other domain. */
export const pendingRequestsOfDomain = { count: 250, characters: 256 * 1024 } as const

/** UTF-8 bytes of the name of a roster item or of a group (RFC 6121 §2.1.2). */
export const rosterNameBytes = 1_023

/** Groups of one roster item. */
export const groupsPerItem = 100

/** UTF-8 bytes of a roster item, with all its groups. */
export const rosterItemBytes = 8 * 1024

/** UTF-8 bytes of a presence that is broadcast: it is kept for as long as its session, and sent to all contacts. */
export const presenceBytes = 16 * 1024

/** Entities that one session sent directed presence to and that will learn of its end (RFC 6121 §4.6). */
export const directedPerSession = 1_000

/** Characters of their addresses together, since they are written down with each that is new. */
export const directedCharacters = 64 * 1024

/** Addresses in one block list (XEP-0191). */
export const blockedAddresses = 1_000

/** Characters of these together. */
export const blockedCharacters = 64 * 1024

/** Messages that are stored for one account (XEP-0160); to the sender of one more, the account is unavailable. */
export const offlineMessages = 10_000

/** Of these those of one sender, or of all senders of one other domain. */
export const offlineMessagesOfSender = 5_000

/** Offline messages that are read at once when their recipient comes back; each may be as long as a stanza can be. */
export const offlineRead = 25

/** Characters of offline messages that are delivered at once. With those that are read last it stays below what a connection may hold. */
export const offlinePage = 1024 * 1024

/** Bytes on their way to a session above which its next page stays in storage. */
export const offlineBacklog = 1024 * 1024

/** Milliseconds until that is looked at again: of a session that reads, and of one that hibernates. */
export const offlinePause = { connected: 25, hibernating: 500 } as const

/** Rosters kept in memory. */
export const rostersInMemory = 10_000

/** Bytes of all rosters kept in memory, an item counting `rosterItemOverhead` more. */
export const rosterBytesInMemory = 64 * 1024 * 1024

/** About what an item of a roster takes in memory besides its text, in bytes. */
export const rosterItemOverhead = 256

/**
 * Addresses that are in nobody's roster, to which it is remembered that presence did not get; so many for each account, and
 * as many again as its roster has contacts.
 */
export const staleStrangers = 1_000

/** Resources of an account of which one contact may have an old presence; of more, the account as such. */
export const staleResources = 100

/** Characters of these resources together. */
export const staleResourceCharacters = 4 * 1024

/** Strangers over one link, of all accounts together. */
export const staleStrangersOfLink = 10_000

/** Seconds from an attempt at a link that there is state to tell over to the next one; the last is repeated. */
export const resyncPauses: ReadonlyArray<number> = [60, 120, 300, 600, 1_200, 2_400, 3_600]

/** Contacts who are told the state anew at once, and milliseconds until the next ones: of a link that takes them, and of one that is slow. */
export const resyncPace = { atOnce: 50, pause: 50, busy: 1_000 } as const

/**
 * Accounts and contacts at once while contacts are asked for their presence, milliseconds until the next ones, and
 * milliseconds until those over one link are asked again.
 */
export const probePace = { atOnce: 50, pause: 50, again: 60_000 } as const
