/** What a crash, a bad disk and other programs leave, in real files. */
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { damageText, type LogFolder, nodeFolder, openContent, SegmentedLog } from '@smacks/log-file'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let path = ''
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'smacks-log-'))
})
afterEach(() => rmSync(path, { recursive: true }))

const open = (folder: LogFolder = nodeFolder(path), { segmentSize = 1_000_000, stamp = 'one', last = 0 } = {}) => {
  const content = openContent(folder)
  const found = [...content.read()]
  content.close()
  const segments = content.segments()
  const { leftover } = content
  const options = { folder, log: 'a log', stamp, segmentSize, isSynced: false, segments, leftover, last }
  return { found, log: new SegmentedLog(options) }
}

const told = (): ReadonlyArray<string> => {
  const content = openContent(nodeFolder(path))
  const lines = [...content.read()].map(found =>
    found._tag === 'Damage' ? `damage ${found.first} ${found.last}` : `${found.number} ${found.bytes.toString()}`,
  )
  content.close()
  return lines
}

const files = (): ReadonlyArray<string> => readdirSync(path).sort()
const segment = (index = 0): string => join(path, files()[index] ?? '')

const write = (...texts: ReadonlyArray<string>): void => {
  const { log } = open()
  for (const text of texts) log.append(text)
  log.close()
}

describe('a log', () => {
  it('tells its records as they were, in their order, also over segments and after it was opened again', () => {
    const texts = ['one', '', 'line\nline', '\u{1f339}', 'x'.repeat(100_000)]
    for (const text of texts) {
      const { log } = open(undefined, { segmentSize: 1 })
      log.append(text)
      log.close()
    }
    expect(told()).toEqual(texts.map((text, index) => `${index + 1} ${text}`))
    expect(files()).toHaveLength(5)
  })

  it('writes a record in one write', () => {
    const folder = nodeFolder(path)
    let writes = 0
    const counting: LogFolder = {
      ...folder,
      create: name => {
        const file = folder.create(name)
        return {
          ...file,
          write: (bytes, position) => {
            writes += 1
            file.write(bytes, position)
          },
        }
      },
    }
    const { log } = open(counting)
    log.append('one')
    expect(writes).toBe(2) // The header, and the record.
    for (let number = 0; number < 10; number += 1) log.append('x'.repeat(1000))
    expect(writes).toBe(12)
    // 24 bytes besides the text.
    expect(statSync(segment()).size).toBe(512 + 27 + 10 * 1024)
    log.close()
  })

  it('begins another segment where its records are to be read otherwise', () => {
    write('one')
    const { log } = open(undefined, { stamp: 'two' })
    log.append('two')
    log.close()
    const content = openContent(nodeFolder(path))
    expect([...content.read()].map(found => found._tag === 'Record' && found.stamp)).toEqual(['one', 'two'])
    content.close()
  })

  it('leaves numbers out that are taken elsewhere, and tells no damage there', () => {
    write('one')
    const { log } = open(undefined, { last: 7 })
    expect(log.append('eight')).toBe(8)
    log.beyond(20)
    expect(log.append('twenty-one')).toBe(21)
    log.close()
    expect(told()).toEqual(['1 one', '8 eight', '21 twenty-one'])
  })

  it('removes segments that nobody needs, and never the one that is written', () => {
    const { log } = open(undefined, { segmentSize: 1 })
    for (const text of ['one', 'two', 'three', 'four']) log.append(text)
    expect(log.firstAfterTrim(3)).toBe(3)
    log.trim(3)
    expect([log.first, told()]).toEqual([3, ['3 three', '4 four']])
    log.trim(100)
    expect(told()).toEqual(['4 four'])
    log.close()
  })
})

describe('what a crash leaves', () => {
  it('behind the last whole record is cut off, wherever the write was torn, and the log goes on there', () => {
    write('one', 'two')
    const whole = readFileSync(segment())
    const end = whole.length
    write('three')
    const all = readFileSync(segment())
    for (let length = end; length < all.length; length += 1) {
      writeFileSync(segment(), all.subarray(0, length))
      expect(told()).toEqual(['1 one', '2 two'])
      // Zeros and old bytes, where a file system had the place already.
      writeFileSync(segment(), Buffer.concat([all.subarray(0, length), Buffer.alloc(200)]))
      expect(told()).toEqual(['1 one', '2 two'])
      writeFileSync(segment(), Buffer.concat([all.subarray(0, length), whole.subarray(512)]))
      const { found, log } = open()
      log.append('3')
      log.close()
      expect([found.length, told()]).toEqual([length < all.length ? found.length : 3, [...told().slice(0, -1), '3 3']])
      expect(told()).toEqual(['1 one', '2 two', '3 3'])
    }
  })

  it('may be a segment without a whole header', () => {
    write('one')
    writeFileSync(join(path, '0000000000000002.log'), 'SMACKS')
    expect(told()).toEqual(['1 one'])
    const { log } = open(undefined, { segmentSize: 1 })
    log.append('two')
    log.close()
    expect(told()).toEqual(['1 one', '2 two'])
  })

  it('may be such a segment also where the next records do not need another', () => {
    write('one')
    writeFileSync(join(path, '0000000000000002.log'), 'SMACKS')
    write('two', 'three')
    const { log } = open(undefined, { segmentSize: 1 })
    log.append('four')
    log.close()
    expect(told()).toEqual(['1 one', '2 two', '3 three', '4 four'])
  })
})

describe('damage', () => {
  it('never passes for a record, whichever byte is another', () => {
    write('one', 'two', 'three')
    const whole = readFileSync(segment())
    const length = 24 + 3
    for (let at = 512 + length; at < 512 + 2 * length; at += 1) {
      const bent = Buffer.from(whole)
      bent.writeUInt8(bent.readUInt8(at) ^ 0x20, at)
      writeFileSync(segment(), bent)
      expect(told()).toEqual(['1 one', 'damage 2 2', '3 three'])
    }
  })

  it('is told with its place and its bytes, before another record and before another segment', () => {
    write('one', 'two', 'three')
    const bytes = readFileSync(segment())
    bytes.write('TWO', bytes.indexOf('two'))
    writeFileSync(segment(), bytes)
    const content = openContent(nodeFolder(path))
    const [, damage] = [...content.read()]
    content.close()
    expect(damage?._tag === 'Damage' && damageText(damage)).toBe(
      `${segment()}: the bytes from 539 to 566 are damaged, where record 2 should be`,
    )
    expect(damage?._tag === 'Damage' && damage.bytes.includes('TWO')).toBe(true)
    const { log } = open(undefined, { segmentSize: 1 })
    log.append('four')
    log.close()
    truncateSync(segment(), bytes.length - 5)
    expect(told()).toEqual(['1 one', 'damage 2 3', '4 four'])
  })

  it('of a header is refused, and so are a missing segment, one of another log, and one of a newer program', () => {
    const { log } = open(undefined, { segmentSize: 1 })
    for (const text of ['one', 'two', 'three']) log.append(text)
    log.close()
    const second = readFileSync(segment(1))
    writeFileSync(segment(1), Buffer.concat([Buffer.alloc(512), second.subarray(512)]))
    expect(told).toThrow(`${segment(1)} is damaged: it does not begin with the header of a segment`)
    rmSync(segment(1))
    expect(told).toThrow(`${segment(1)} follows record 2 of its log, and what is before it ends with record 1`)
    writeFileSync(join(path, '0000000000000002.log'), second)
    expect(told()).toHaveLength(3)
    const newer = Buffer.from(second)
    const json = Buffer.from(newer.subarray(16, 512).toString().trimEnd().replace('"v":1', '"v":2'))
    json.copy(newer, 16)
    newer.writeUInt32LE(crc32(json), 12)
    writeFileSync(segment(1), newer)
    expect(told).toThrow(`${segment(1)} was written by a newer program, in version 2; this one knows version 1`)
    writeFileSync(segment(1), second)
    appendFileSync(segment(), 'garbage behind what the next segment takes the place of')
    expect(told()).toHaveLength(3)
  })
})

describe('a write that fails', () => {
  it('leaves nothing, and the next goes to its place', () => {
    const folder = nodeFolder(path)
    let isFull = false
    const full: LogFolder = {
      ...folder,
      create: name => {
        const file = folder.create(name)
        return {
          ...file,
          write: (bytes, position) => {
            file.write(isFull ? bytes.subarray(0, bytes.length - 1) : bytes, position)
            if (isFull) throw new Error('no space left')
          },
        }
      },
    }
    const { log } = open(full)
    log.append('one')
    isFull = true
    expect(() => log.append('x'.repeat(500))).toThrow('no space left')
    expect(told()).toEqual(['1 one'])
    isFull = false
    expect(log.append('two')).toBe(2)
    log.close()
    expect(told()).toEqual(['1 one', '2 two'])
  })
})
