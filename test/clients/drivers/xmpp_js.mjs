/** `@xmpp/client`, in the version whose package is named; it connects again and resumes by itself. */
import { createInterface } from 'node:readline'

const [library, jid, password, port] = process.argv.slice(2)
const { client, xml } = await import(library)
const [username, rest] = jid.split('@')
const [domain, resource] = rest.split('/')
const xmpp = client({ service: `xmpp://127.0.0.1:${port}`, domain, username, password, resource })
const sm = xmpp.streamManagement
const tell = what => process.stdout.write(`${what}\n`)

/** What is to be sent while there is no session that would take it: the library keeps only what it could write. */
let waiting = []
let isUp = false

const send = ({ to, body }) => {
  if (!isUp) return void waiting.push({ to, body })
  xmpp
    .send(xml('message', { to, type: 'chat', id: body }, xml('body', {}, body)))
    .catch(() => waiting.push({ to, body }))
}

const up = () => {
  isUp = true
  const held = waiting
  waiting = []
  for (const one of held) send(one)
}

xmpp.reconnect.delay = 100
xmpp.on('error', error => tell(`error ${error.message}`))
xmpp.on('disconnect', () => {
  tell('down')
  isUp = false
})
// Online is also said of a session that was resumed; presence is sent once.
xmpp.on('online', async () => {
  tell('bound')
  await xmpp.send(xml('presence')).catch(() => undefined)
})
// Neither version has one event for all the ways in which stream management begins or goes on.
setInterval(() => {
  if (!isUp && xmpp.status === 'online' && sm.enabled) up()
}, 20)
xmpp.on('stanza', stanza => {
  const body = stanza.is('message') && stanza.getChildText('body')
  if (body) tell(`got ${body}`)
})

createInterface({ input: process.stdin })
  .on('line', line => {
    const [, to, body] = line.split(' ')
    send({ to, body })
  })
  .on('close', () => process.exit(0))
await xmpp.start().catch(error => tell(`error ${error.message}`))
