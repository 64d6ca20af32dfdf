/**
 * Strings and numbers that name something or say when: each kind is a type of its own, so that the compiler refuses one in
 * the place of another.
 */

declare const flavor: unique symbol

/**
 * A `T` that says what it is. Any plain `T` fits, also a literal, but no `T` of another flavor.
 *
 * Not a brand that only a constructor can make: these values come from outside (the wire, a journal, the clock) through codecs
 * that check them, and are never computed here but in `counter.ts`, so that a constructor would check nothing more; but each
 * test, transcript and example that says `h: 3` or `resource: 'phone'` would have to call one. What happens is that two of
 * several strings beside each other are exchanged, and a flavor is enough to refuse that. It exists for the compiler alone.
 */
export type Flavor<T, Name extends string> = T & { readonly [flavor]?: Name }

/**
 * Milliseconds since 1970 (UTC), as events state it. Those that are compared (deadlines, and since when a session waits) are
 * on the wall clock as it is set now; stamps of stanzas and of what is over are on that of their time.
 */
export type Instant = Flavor<number, 'Instant'>

/** Names one account: its bare JID, or a link between two servers. */
export type AccountId = Flavor<string, 'AccountId'>

/** Names one session of an account: its resourcepart (RFC 7622 §3.4). */
export type Resource = Flavor<string, 'Resource'>

/** Names one connection of one transport; never used twice while a runtime lives. */
export type ConnectionId = Flavor<string, 'ConnectionId'>

/** Names a session that can be resumed (XEP-0198 §5): on the wire the `id` of `<enabled/>` and the `previd` of `<resume/>`. */
export type SmId = Flavor<string, 'SmId'>
