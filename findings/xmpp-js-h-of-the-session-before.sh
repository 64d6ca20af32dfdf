#!/usr/bin/env bash
# @xmpp/client 0.14.0 answers an <r/> that stands in the same write as <enabled/> with the h of the session before, if that
# one could not be resumed: it sets its counter back where it awaits <enabled/>, a microtask later, when what else was in
# the chunk has been handled. For a server that is an h above what it sent, for which XEP-0198 §6 has it close the stream:
# the first new session after each one that is lost is lost as well, with what was sent in it. It is enough that both writes
# become one TCP segment or TLS record. A short pause between <enabled/> and the first <r/> helps.
#
# Needs: Node 20, npm. Seen on 2026-11-30, of a session in which two stanzas were handled, and a new one with none yet:
#   <enabled/> and <r/> 50 ms apart: h='0'
#   <enabled/> and <r/> in one write: h='2'
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @xmpp/client@0.14.0 >/dev/null

cat >observe.mjs <<'JS'
// A peer that drops a session of two stanzas, refuses to resume it, begins a new one, and prints the first h in that.
import { createServer } from 'node:net'
import { client } from '@xmpp/client'

const gap = Number(process.argv[2])
const sasl = 'urn:ietf:params:xml:ns:xmpp-sasl'
const bind = 'urn:ietf:params:xml:ns:xmpp-bind'
const sm = "xmlns='urn:xmpp:sm:3'"
const mechanisms = `<mechanisms xmlns='${sasl}'><mechanism>ANONYMOUS</mechanism></mechanisms>`
const request = `<r ${sm}/>`
let connections = 0

const serve = line => {
  const connection = ++connections
  let heard = ''
  let isIn = false
  const say = text => {
    heard = ''
    line.write(text)
  }
  const later = (text, ms) => (ms === 0 ? line.write(text) : setTimeout(() => line.write(text), ms))

  line.on('error', () => {})
  line.on('data', bytes => {
    heard += bytes
    const id = /<iq[^>]*id="([^"]*)".*<bind.*<\/iq>/.exec(heard)?.[1]
    const h = /<a [^>]*h="(\d+)"/.exec(heard)?.[1]
    if (/<stream:stream[^>]*>/.test(heard))
      say(
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' id='1' from='localhost' " +
          "xmlns:stream='http://etherx.jabber.org/streams'><stream:features>" +
          `${isIn ? `<bind xmlns='${bind}'/><sm ${sm}/>` : mechanisms}</stream:features>`,
      )
    else if (heard.includes('<auth')) {
      isIn = true
      say(`<success xmlns='${sasl}'/>`)
    } else if (heard.includes('<resume'))
      say(`<failed ${sm}><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`)
    else if (id !== undefined)
      say(`<iq type='result' id='${id}'><bind xmlns='${bind}'><jid>juliet@localhost/x</jid></bind></iq>`)
    else if (heard.includes('<enable')) {
      const enabled = `<enabled ${sm} resume='true' id='session-${connection}'/>`
      const two = "<message><body>1</body></message><message><body>2</body></message>"
      if (connection === 1) later(two + request, 50)
      say(connection > 1 && gap === 0 ? enabled + request : enabled)
      if (connection > 1 && gap > 0) later(request, gap)
    } else if (h !== undefined && connection === 1) line.destroy()
    else if (h !== undefined) {
      console.log(`h='${h}'`)
      process.exit()
    }
  })
}

const peer = createServer(serve).listen(0, '127.0.0.1', () => {
  const xmpp = client({ service: `xmpp://127.0.0.1:${peer.address().port}`, domain: 'localhost' })
  xmpp.on('error', () => {})
  xmpp.start().catch(() => {})
})
setTimeout(() => process.exit(1), 20_000)
JS

apart=$(node observe.mjs 50)
together=$(node observe.mjs 0)
echo "<enabled/> and <r/> 50 ms apart: $apart"
echo "<enabled/> and <r/> in one write: $together"
[ "$apart" = "h='0'" ] && [ "$together" = "h='2'" ]
