/** A recording that was put into the page by `smacks replay --html`: gzipped, in base64, so that nothing of it is HTML. */

export interface Embedded {
  readonly name: string
  readonly file: Blob
}

export const embeddedRecording = async (): Promise<Embedded | undefined> => {
  const element = document.getElementById('recording')
  const text = element?.textContent?.trim() ?? ''
  if (element === null || text === '') return undefined
  const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0))
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return { name: element.dataset.name ?? 'recording', file: await new Response(unpacked).blob() }
}
