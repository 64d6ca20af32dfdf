#!/usr/bin/env bash
# strauß.example, a name that registries give away since 2010, is another domain depending on who asks for its SRV records:
# Node 20 and nbxmpp 4.2.2 (Gajim) ask for xn--strau-pqa.example, by IDNA 2008; Prosody 0.12.3, ejabberd 23.01, slixmpp
# 1.8.3, aioxmpp 0.13.3 and stanza 12.22 for strauss.example, by IDNA 2003, which is somebody else's. So with the same
# address in the same text, servers and clients end up at different servers, each with a certificate that is right for the
# name that was asked for. A server for such a domain is reached by all only if it owns, and serves, both names.
#
# Needs: Debian 12's apt sources and python3, Node 20, npm. Seen on 2026-11-30:
#   Node's resolveSrv: xn--strau-pqa.example
#   Prosody: strauss.example
#   ejabberd: strauss.example
#   nbxmpp: xn--strau-pqa.example
#   slixmpp: strauss.example
#   aioxmpp: strauss.example
#   stanza: strauss.example
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -o APT::Sandbox::User=root \
  prosody=0.12.3-1+deb12u1 lua5.4 libicu72 erlang-base erlang-p1-{stringprep,utils,xml,tls,yconf,stun,zlib} erlang-p1-xmpp=1.6.1-1 \
  erlang-{asn1,crypto,public-key,ssl,idna,unicode-util-compat} \
  python3-slixmpp=1.8.3-1 python3-slixmpp-lib=1.8.3-1+b1 python3-aiodns python3-pycares libc-ares2 libidn12 \
  python3-aioxmpp=0.13.3-1 python3-{aioopenssl,aiosasl,babel,cffi-backend,cryptography,dnspython,lxml,multidict,openssl} \
  python3-{pkg-resources,pyasn1,pyasn1-modules,pytz-deprecation-shim,sortedcollections,sortedcontainers,tz,tzlocal} \
  python-babel-localedata libxml2 libxslt1.1 \
  python3-nbxmpp=4.2.2-2 python3-{gi,idna,packaging,precis-i18n} \
  gir1.2-{soup-3.0,glib-2.0} libsoup-3.0-{0,common} libgirepository-1.0-1 libnghttp2-14 libpsl5 libsqlite3-0 >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund stanza@12.22.1 >/dev/null

cat >node.cjs <<'JS'
// A DNS server that prints which name it is asked for.
const { createSocket } = require('node:dgram')
const { Resolver } = require('node:dns').promises
const { domainToASCII } = require('node:url')
const { JID } = require('stanza')

const server = createSocket('udp4')
server.on('message', query => {
  const labels = []
  for (let at = 12; query[at] > 0; at += query[at] + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]))
  console.log(`Node's resolveSrv: ${labels.slice(2).join('.')}`)
  console.log(`stanza: ${domainToASCII(JID.getDomain('romeo@strauß.example'))}`)
  process.exit()
})
server.bind(0, '127.0.0.1', () => {
  const resolver = new Resolver()
  resolver.setServers([`127.0.0.1:${server.address().port}`])
  resolver.resolveSrv('_xmpp-server._tcp.strauß.example').catch(() => {})
})
JS
# A domain of a JID is prepared before it is made a name in the DNS; each of these does that in its own way.
cat >prosody.lua <<'LUA'
local encodings = require "util.encodings"
print("Prosody: " .. encodings.idna.to_ascii(encodings.stringprep.nameprep("strauß.example")))
LUA
cat >clients.py <<'PY'
import logging

logging.disable(logging.CRITICAL)
import aioxmpp
import slixmpp
from nbxmpp.protocol import JID

print("nbxmpp:", JID.from_string("romeo@strauß.example").domain_to_ascii())
print("slixmpp:", slixmpp.JID("romeo@strauß.example").domain.encode("idna").decode())
print("aioxmpp:", aioxmpp.JID.fromstr("romeo@strauß.example").domain.encode("idna").decode())
PY

with=(env LD_LIBRARY_PATH="$libraries")
seen=$(
  node node.cjs
  "${with[@]}" LUA_CPATH="$work/root/usr/lib/prosody/?.so" root/usr/bin/lua5.4 prosody.lua
  "${with[@]}" HOME="$work" ROOTDIR="$work/root/usr/lib/erlang" BINDIR="$(echo "$work"/root/usr/lib/erlang/erts-*/bin)" \
    EMU=beam PROGNAME=erl "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noshell -eval '
      {ok, _} = application:ensure_all_started(xmpp),
      Domain = unicode:characters_to_binary("strau" ++ [16#df] ++ ".example"),
      io:format("ejabberd: ~ts~n", [idna:utf8_to_ascii(jid:nameprep(Domain))]), halt().'
  "${with[@]}" PYTHONPATH="$work/root/usr/lib/python3/dist-packages" GI_TYPELIB_PATH="$libraries/girepository-1.0" \
    /usr/bin/python3 clients.py
)
echo "$seen"
[ "$(sort <<<"$seen")" = "$(
  sort <<'TEXT'
Node's resolveSrv: xn--strau-pqa.example
stanza: strauss.example
Prosody: strauss.example
ejabberd: strauss.example
nbxmpp: xn--strau-pqa.example
slixmpp: strauss.example
aioxmpp: strauss.example
TEXT
)" ]
