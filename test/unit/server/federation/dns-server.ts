/** A server of the DNS (RFC 1035) on loopback that knows a few SRV records, or fails as it is told. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export interface DnsServer {
  /** `address:port`. */
  readonly address: string
  readonly close: () => void
}

/** The target and port of a record; a target of '' is the root. Or the response code, such as 2 for SERVFAIL. */
export type DnsAnswer = ReadonlyArray<readonly [target: string, port: number]> | number

/** A name that is not among the answers does not exist. */
export const startDns = async (answers: Readonly<Record<string, DnsAnswer>>): Promise<DnsServer> => {
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => socket.send(responseTo(query, answers), port, address))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { address: `127.0.0.1:${socket.address().port}`, close: () => void socket.close() }
}

const headerBytes = 12
const nameError = 3

const responseTo = (query: Buffer, answers: Readonly<Record<string, DnsAnswer>>): Buffer => {
  const labels: Array<string> = []
  let at = headerBytes
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const question = query.subarray(headerBytes, at + 5)
  const answer = answers[labels.join('.').toLowerCase()] ?? nameError
  const records = typeof answer === 'number' ? [] : answer.map(record)
  const header = Buffer.alloc(headerBytes)
  query.copy(header, 0, 0, 2)
  // A response, recursion desired and available.
  header.writeUInt16BE(0x8180 | (typeof answer === 'number' ? answer : 0), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, question, ...records])
}

/** Of the name that was asked for; each with the priority 1 and the weight 2. */
const record = ([target, port]: readonly [string, number]): Buffer => {
  const labels = target.split('.').filter(label => label !== '')
  const name = Buffer.concat([
    ...labels.map(label => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
    Buffer.alloc(1),
  ])
  const fixed = Buffer.alloc(18)
  fixed.writeUInt16BE(0xc00c, 0)
  fixed.writeUInt16BE(33, 2)
  fixed.writeUInt16BE(1, 4)
  fixed.writeUInt32BE(60, 6)
  fixed.writeUInt16BE(6 + name.length, 10)
  fixed.writeUInt16BE(1, 12)
  fixed.writeUInt16BE(2, 14)
  fixed.writeUInt16BE(port, 16)
  return Buffer.concat([fixed, name])
}
