#!/usr/bin/env bash
# @xmpp/client 0.13.6, installed today, cannot log in with SCRAM-SHA-1: its @xmpp/sasl-scram-sha-1 0.13.2 asks for
# sasl-scram-sha-1 ^1.3.0 and gets 1.4.0, which answers a challenge with a promise. 0.13 does not await it and sends an
# empty <response/>, which every server refuses as malformed. SCRAM-SHA-1 is the first of its choice, so it does not fall
# back to PLAIN either. With sasl-scram-sha-1 1.3.0 the same program sends what RFC 5802 wants.
#
# Needs: Node 20, npm. Seen on 2026-11-30:
#   sasl-scram-sha-1 1.3.0: c=biws,r=...,p=...
#   sasl-scram-sha-1 1.4.0: an empty response
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >observe.mjs <<'JS'
// A peer that offers SCRAM-SHA-1, and prints what comes after its challenge.
import { createServer } from 'node:net'
import { client } from '@xmpp/client'

const peer = createServer(line => {
  let heard = ''
  line.on('error', () => {})
  line.on('data', bytes => {
    heard += bytes
    const auth = /<auth[^>]*?(?:\/>|>([^<]*)<\/auth>)/.exec(heard)
    if (auth !== null) {
      heard = ''
      const nonce = /r=(.*)/.exec(Buffer.from(auth[1], 'base64').toString())[1]
      const challenge = Buffer.from(`r=${nonce}server,s=${Buffer.from('salt').toString('base64')},i=4096`)
      line.write(`<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${challenge.toString('base64')}</challenge>`)
    }
    const response = /<response[^>]*?(?:\/>|>([^<]*)<\/response>)/.exec(heard)
    if (response !== null) {
      const text = Buffer.from(response[1] ?? '', 'base64').toString()
      console.log(text === '' ? 'an empty response' : text.replace(/r=[^,]*/, 'r=...').replace(/p=.*/, 'p=...'))
      process.exit(0)
    }
    if (/<stream:stream[^>]*>/.test(heard)) {
      heard = ''
      line.write(
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' id='1' from='localhost' " +
          "xmlns:stream='http://etherx.jabber.org/streams'><stream:features>" +
          "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>" +
          '</stream:features>',
      )
    }
  })
}).listen(0, '127.0.0.1', () => {
  const xmpp = client({
    service: `xmpp://127.0.0.1:${peer.address().port}`,
    domain: 'localhost',
    username: 'juliet',
    password: 'secret',
  })
  xmpp.on('error', error => console.error(error.message))
  xmpp.start().catch(() => {})
})
setTimeout(() => process.exit(1), 20_000)
JS

observe() {
  npm install --silent --no-audit --no-fund --no-save @xmpp/client@0.13.6 "sasl-scram-sha-1@$1" >/dev/null
  node observe.mjs
}

echo '{"private":true}' >package.json
older=$(observe 1.3.0)
newer=$(observe 1.4.0)
echo "sasl-scram-sha-1 1.3.0: $older"
echo "sasl-scram-sha-1 1.4.0: $newer"
[ "$older" = 'c=biws,r=...,p=...' ] && [ "$newer" = 'an empty response' ]
