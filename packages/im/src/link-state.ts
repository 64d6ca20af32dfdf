/** What a step knows of a link. */

/** How a link to another server stands: stanzas leave at once, or it is slow to acknowledge what it has, or they wait. */
export type LinkState = 'busy' | 'down' | 'ready'
