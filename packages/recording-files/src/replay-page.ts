/** The replay page with a recording in it. */
import { open, rm } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGzip } from 'node:zlib'

/** Where the page takes a recording from. */
const place = '<script type="application/gzip;base64" id="recording"></script>'

/**
 * Writes the page to a file that only this user may read, since the recording is in it: gzipped and in base64, so that nothing of it
 * can be taken for HTML, and never held as a whole. `recording` is called once it is read. Throws an `Error` if the page has no place for
 * a recording, or something cannot be read or written; then there is no file.
 */
export const writeReplayPage = async (
  page: string,
  name: string,
  recording: () => Readable,
  path: string,
): Promise<void> => {
  const [before, after] = page.split(place)
  if (before === undefined || after === undefined) throw new Error('the page has no place for a recording')
  const file = await open(path, 'w', 0o600)
  try {
    await file.write(`${before}${place.replace('>', ` data-name="${attribute(name)}">`).replace('</script>', '')}`)
    const gzip = createGzip()
    const piped = new Promise<void>((done, failed) => {
      pipeline(recording(), gzip, error => (error === null || error === undefined ? done() : failed(error)))
    })
    // It rejects below as well, where it is awaited.
    piped.catch(() => {})
    for await (const text of base64Of(gzip)) await file.write(text)
    await piped
    await file.write(`</script>${after}`)
    await file.close()
  } catch (cause) {
    await file.close()
    await rm(path)
    throw cause
  }
}

/** Three bytes are four characters; what is left over waits for the next piece. */
async function* base64Of(pieces: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of pieces) {
    const all = Buffer.concat([rest, piece])
    const whole = all.length - (all.length % 3)
    yield all.subarray(0, whole).toString('base64')
    rest = all.subarray(whole)
  }
  yield rest.toString('base64')
}

const attribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
