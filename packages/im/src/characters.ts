/** How long texts are together. */

/** UTF-16 characters of texts together. */
export const charactersOf = (texts: Iterable<string>): number => {
  let characters = 0
  for (const { length } of texts) characters += length
  return characters
}
