#!/usr/bin/env bash
# A domain says with an SRV record whose target is the root, "5 0 5269 .", that it has no XMPP server (RFC 2782). Node
# 20's resolveSrv() gives that target the name '', and net.connect() takes '' for "no host given", which
# is localhost. So a server that dials what SRV says, target by target, reaches itself, or whatever else listens on that
# port of its own machine, where it should have said that the domain has no server; and does so without an error that
# would tell. dns.lookup() of '' gives no address and no error either.
#
# Needs: Node 20. Seen on 2026-11-30:
#   resolveSrv: name '', port as announced
#   net.connect: connected to loopback
#   dns.lookup: no address, no error
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >observe.mjs <<'JS'
import { createSocket } from 'node:dgram'
import { lookup, promises as dns } from 'node:dns'
import { connect, createServer } from 'node:net'

const listener = createServer(line => line.destroy())
await new Promise(resolve => listener.listen(0, 'localhost', resolve))
const { port } = listener.address()

// A DNS server that answers every question with one SRV record: priority 5, weight 0, our port, the root.
const server = createSocket('udp4')
server.on('message', (query, { address, port: from }) => {
  const answer = Buffer.from([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, 7, 0, 5, 0, 0, port >> 8, port & 255, 0])
  const head = Buffer.from([query[0], query[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0])
  const name = query.subarray(12)
  const question = name.subarray(0, name.indexOf(0) + 5)
  server.send(Buffer.concat([head, question, answer]), from, address)
})
await new Promise(resolve => server.bind(0, '127.0.0.1', resolve))

const resolver = new dns.Resolver()
resolver.setServers([`127.0.0.1:${server.address().port}`])
const [record] = await resolver.resolveSrv('_xmpp-server._tcp.example.org')
console.log(`resolveSrv: name '${record.name}', port ${record.port === port ? 'as announced' : record.port}`)

const how = await new Promise(resolve => {
  const line = connect({ host: record.name, port: record.port })
  line.on('connect', () => resolve(/^(::ffff:)?127\.|^::1$/.test(line.remoteAddress) ? 'connected to loopback' : line.remoteAddress))
  line.on('error', error => resolve(error.code))
})
console.log(`net.connect: ${how}`)
lookup(record.name, { all: true }, (error, addresses) => {
  console.log(`dns.lookup: ${addresses?.length === 0 ? 'no address' : addresses}, ${error === null ? 'no error' : error.code}`)
  process.exit()
})
JS

seen=$(node --no-deprecation observe.mjs)
echo "$seen"
[ "$seen" = "resolveSrv: name '', port as announced
net.connect: connected to loopback
dns.lookup: no address, no error" ]
