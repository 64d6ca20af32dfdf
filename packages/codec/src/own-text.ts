/**
 * The same text, in memory of its own. Engines make a part of a text a view of all of it, so a few characters of what
 * came over a line would keep thousands. What is kept for longer than its stanza goes through here first.
 */
export const ownText = (text: string): string => ` ${text}`.slice(1)
