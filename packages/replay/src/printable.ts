/** Text from recordings for terminals and logs. */

/** Control and formatting characters, which could make a terminal do things, or one line look like two. */
const active = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** The line with such characters written as `\u001b`. */
export const printable = (line: string): string =>
  line.replace(active, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
