#!/usr/bin/env bash
# ejabberd 23.01 offers SCRAM-...-PLUS on TLS 1.3, and takes only tls-unique for it, which TLS 1.3 leaves undefined: it
# means the client's Finished message. The binding that RFC 9266 made for TLS 1.3, tls-exporter, is refused, and so is
# tls-server-end-point; neither is advertised or denied (XEP-0440). Prosody 0.12.3 of Debian 12 offers -PLUS up to TLS 1.2
# only. So a client that goes by the standards logs in to Prosody without -PLUS, and to ejabberd not at all once it chose
# -PLUS: to fall back from a refused binding is what channel binding is there to prevent.
#
# Needs: Debian 12's apt sources, openssl, curl, Node 20. Seen on 2026-11-30:
#   prosody TLSv1.2 with -PLUS: tls-unique accepted, tls-exporter refused, tls-server-end-point refused
#   prosody TLSv1.3 without -PLUS
#   ejabberd TLSv1.2 with -PLUS: tls-unique accepted, tls-exporter refused, tls-server-end-point refused
#   ejabberd TLSv1.3 with -PLUS: tls-unique accepted, tls-exporter refused, tls-server-end-point refused
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download -o APT::Sandbox::User=root \
  prosody=0.12.3-1+deb12u1 lua5.4 lua-bitop lua-expat lua-filesystem lua-sec lua-socket libicu72 \
  ejabberd=23.01-1 erlang-{asn1,base,base64url,crypto,goldrush,idna,inets,jiffy,jose,lager,mnesia,os-mon,public-key} \
  erlang-{runtime-tools,ssl,syntax-tools,unicode-util-compat,xmerl} \
  erlang-p1-{acme,cache-tab,eimp,mqtree,pkix,stringprep,stun,tls,utils,xml,xmpp,yaml,yconf,zlib} >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 30 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2>/dev/null
cat certificate.pem key.pem >both.pem
read -r prosody ejabberd http < <(node -e '
const { createServer } = require("node:net")
const free = [1, 2, 3].map(() => createServer().listen(0, "127.0.0.1"))
setTimeout(() => { console.log(...free.map(one => one.address().port)); process.exit() }, 100)')

mkdir -p prosody/localhost/accounts
echo 'return { password = "secret" }' >prosody/localhost/accounts/juliet.dat
cat >prosody.cfg.lua <<LUA
data_path = "$work/prosody"; pidfile = "$work/prosody.pid"; run_as_root = true; log = { error = "*console" }
modules_enabled = { "c2s", "saslauth", "tls" }; modules_disabled = { "s2s" }
interfaces = { "127.0.0.1" }; c2s_ports = { $prosody }; http_ports = {}; https_ports = {}
authentication = "internal_plain"; certificates = "$work"
ssl = { certificate = "$work/both.pem"; key = "$work/both.pem" }
VirtualHost "localhost"
LUA
sed "1d; s#'/usr/lib/prosody#'$work/root/usr/lib/prosody#" root/usr/bin/prosody >prosody.lua
LD_LIBRARY_PATH=$libraries LUA_PATH="$work/root/usr/share/lua/5.4/?.lua;;" LUA_CPATH="$libraries/lua/5.4/?.so;;" \
  root/usr/bin/lua5.4 prosody.lua -F --config prosody.cfg.lua >prosody.log 2>&1 &

cat >ejabberd.yml <<YAML
hosts: [localhost]
certfiles: ["$work/both.pem"]
listen:
  - {port: $ejabberd, ip: 127.0.0.1, module: ejabberd_c2s, starttls_required: true}
  - {port: $http, ip: 127.0.0.1, module: ejabberd_http, request_handlers: {/api: mod_http_api}}
api_permissions: {all: {who: all, what: "*"}}
modules: {}
YAML
HOME=$work ROOTDIR=$work/root/usr/lib/erlang BINDIR=$(echo "$work"/root/usr/lib/erlang/erts-*/bin) EMU=beam PROGNAME=erl \
  LD_LIBRARY_PATH=$libraries ERL_LIBS=$libraries EJABBERD_CONFIG_PATH=$work/ejabberd.yml EJABBERD_LOG_PATH=$work/ejabberd.log \
  "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noinput -mnesia dir "\"$work/spool\"" -s ejabberd >ejabberd.out 2>&1 &
curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$http/api/register" \
  -d '{"user":"juliet","host":"localhost","password":"secret"}'

cat >observe.mjs <<'JS'
// A client that logs in with SCRAM-SHA-1-PLUS, once with each channel binding, and prints which are accepted.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'

const bindings = {
  'tls-unique': line => line.getFinished(),
  'tls-exporter': line => line.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)),
  'tls-server-end-point': line => createHash('sha256').update(line.getPeerCertificate().raw).digest(),
}
const header =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' " +
  "version='1.0' to='localhost'>"
const base64 = what => Buffer.from(what).toString('base64')

const hear = (line, pattern) =>
  new Promise((resolve, reject) => {
    let heard = ''
    const take = bytes => {
      heard += bytes
      if (!pattern.test(heard)) return
      line.off('data', take)
      resolve(pattern.exec(heard))
    }
    line.on('data', take).on('error', reject).once('close', () => reject(new Error(heard)))
  })

const say = (line, text, pattern) => {
  const answer = hear(line, pattern)
  line.write(text)
  return answer
}

const secured = async (port, version) => {
  const tcp = connect(port, '127.0.0.1')
  await say(tcp, header, /<\/stream:features>/)
  await say(tcp, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", /<proceed[^>]*>/)
  const line = connectTls({ socket: tcp, rejectUnauthorized: false, minVersion: version, maxVersion: version })
  await new Promise(resolve => line.once('secureConnect', resolve))
  const [features] = await say(line, header, /[^]*<\/stream:features>/)
  return { line, offered: features.includes('SCRAM-SHA-1-PLUS') }
}

const logIn = async (port, version, binding) => {
  const { line } = await secured(port, version)
  const [gs2, bare] = [`p=${binding},,`, 'n=juliet,r=nonce']
  const answer = await say(
    line,
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1-PLUS'>${base64(gs2 + bare)}</auth>`,
    /<challenge[^>]*>([^<]*)<|<\/failure>/,
  )
  if (answer[1] === undefined) return 'refused'
  const challenge = Buffer.from(answer[1], 'base64').toString()
  const { r, s, i } = Object.fromEntries(challenge.split(',').map(part => [part[0], part.slice(2)]))
  const final = `c=${base64(Buffer.concat([Buffer.from(gs2), bindings[binding](line)]))},r=${r}`
  const hmac = (key, data) => createHmac('sha1', key).update(data).digest()
  const key = hmac(pbkdf2Sync('secret', Buffer.from(s, 'base64'), Number(i), 20, 'sha1'), 'Client Key')
  const signature = hmac(createHash('sha1').update(key).digest(), `${bare},${challenge},${final}`)
  const proof = base64(key.map((byte, at) => byte ^ signature[at]))
  const [end] = await say(
    line,
    `<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${base64(`${final},p=${proof}`)}</response>`,
    /<success|<\/failure>/,
  )
  line.destroy()
  return end === '<success' ? 'accepted' : 'refused'
}

const [name, port] = process.argv.slice(2)
for (const version of ['TLSv1.2', 'TLSv1.3']) {
  const { line, offered } = await secured(port, version)
  line.destroy()
  const seen = []
  for (const binding of offered ? Object.keys(bindings) : [])
    seen.push(`${binding} ${await logIn(port, version, binding)}`)
  console.log(`${name} ${version} ${offered ? `with -PLUS: ${seen.join(', ')}` : 'without -PLUS'}`)
}
process.exit()
JS

seen=$(node observe.mjs prosody "$prosody" && node observe.mjs ejabberd "$ejabberd")
echo "$seen"
each='tls-unique accepted, tls-exporter refused, tls-server-end-point refused'
[ "$seen" = "prosody TLSv1.2 with -PLUS: $each
prosody TLSv1.3 without -PLUS
ejabberd TLSv1.2 with -PLUS: $each
ejabberd TLSv1.3 with -PLUS: $each" ]
