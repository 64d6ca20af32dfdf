#!/usr/bin/env bash
# A character reference does not survive the way through a server. Prosody 0.12.3 writes what &#10; and &#13; stood for as
# raw characters, and ejabberd 23.01 does so in text; the next parser is bound by XML to read a raw line break in an
# attribute as a space, and a raw CR as LF. So what the recipient reads is not what the sender wrote, though every parser
# on the way reads by the standard, and a hash or a signature over it does not match. Both escape what must be escaped for
# XML to be well-formed, and no more; whoever passes stanzas on has to escape tab, LF and CR in attributes, and CR in text.
# ltx 3.1.2 (@xmpp/client) does not read by the standard, takes the raw characters as they are, and so sees what was sent.
#
# Needs: Debian 12's apt sources, curl, python3 (its expat), Node 20, npm. Seen on 2026-11-30, of an attribute
# a='1&#10;2&#9;3' and a text 4&#13;5:
#   prosody, read by expat: a='1 2 3' '4\n5'
#   prosody, read by ltx: a='1\n2\t3' '4\r5'
#   ejabberd, read by expat: a='1\n2\t3' '4\n5'
#   ejabberd, read by ltx: a='1\n2\t3' '4\r5'
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
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund ltx@3.1.2 >/dev/null
read -r prosody ejabberd http < <(python3 -c '
import socket
free = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*[one.getsockname()[1] for one in free])')

mkdir -p prosody/localhost/accounts
echo 'return { password = "secret" }' | tee prosody/localhost/accounts/{romeo,juliet}.dat >/dev/null
cat >prosody.cfg.lua <<LUA
data_path = "$work/prosody"; pidfile = "$work/prosody.pid"; run_as_root = true; log = { error = "*console" }
modules_enabled = { "c2s", "saslauth", "presence", "message", "iq" }; modules_disabled = { "s2s" }
interfaces = { "127.0.0.1" }; c2s_ports = { $prosody }; http_ports = {}; https_ports = {}
authentication = "internal_plain"; c2s_require_encryption = false; allow_unencrypted_plain_auth = true
VirtualHost "localhost"
LUA
sed "1d; s#'/usr/lib/prosody#'$work/root/usr/lib/prosody#" root/usr/bin/prosody >prosody.lua
LD_LIBRARY_PATH=$libraries LUA_PATH="$work/root/usr/share/lua/5.4/?.lua;;" LUA_CPATH="$libraries/lua/5.4/?.so;;" \
  root/usr/bin/lua5.4 prosody.lua -F --config prosody.cfg.lua >prosody.log 2>&1 &

cat >ejabberd.yml <<YAML
hosts: [localhost]
listen:
  - {port: $ejabberd, ip: 127.0.0.1, module: ejabberd_c2s}
  - {port: $http, ip: 127.0.0.1, module: ejabberd_http, request_handlers: {/api: mod_http_api}}
api_permissions: {all: {who: all, what: "*"}}
modules: {mod_roster: {}}
YAML
HOME=$work ROOTDIR=$work/root/usr/lib/erlang BINDIR=$(echo "$work"/root/usr/lib/erlang/erts-*/bin) EMU=beam PROGNAME=erl \
  LD_LIBRARY_PATH=$libraries ERL_LIBS=$libraries EJABBERD_CONFIG_PATH=$work/ejabberd.yml EJABBERD_LOG_PATH=$work/ejabberd.log \
  "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noinput -mnesia dir "\"$work/spool\"" -s ejabberd >ejabberd.out 2>&1 &
for user in romeo juliet; do
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$http/api/register" \
    -d "{\"user\":\"$user\",\"host\":\"localhost\",\"password\":\"secret\"}"
done

cat >send.py <<'PY'
"""Sends a message from Romeo to Juliet, prints what she reads with expat, and keeps what came for others to read."""
import base64
import re
import socket
import sys
import xml.etree.ElementTree as tree  # expat

port = int(sys.argv[1])


def hear(line, pattern):
    heard = ""
    while not re.search(pattern, heard, re.S):
        heard += line.recv(4096).decode()
    return re.search(pattern, heard, re.S).group(0)


def log_in(user):
    line = socket.create_connection(("127.0.0.1", port), timeout=20)
    header = (
        b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
        b"version='1.0' to='localhost'>"
    )
    line.sendall(header)
    hear(line, "</stream:features>")
    plain = base64.b64encode(b"\0" + user + b"\0secret")
    line.sendall(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + plain + b"</auth>")
    hear(line, "<success[^>]*>")
    line.sendall(header)
    hear(line, "</stream:features>")
    line.sendall(
        b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>x</resource></bind></iq>"
    )
    hear(line, "</iq>")
    return line


juliet = log_in(b"juliet")
log_in(b"romeo").sendall(
    b"<message to='juliet@localhost/x' type='chat'><m xmlns='urn:x' a='1&#10;2&#9;3'>4&#13;5</m></message>"
)
came = hear(juliet, "<message.*</message>")
with open("came.xml", "w", newline="") as file:
    file.write(came)
child = tree.fromstring(came)[0]
print(f"a={child.get('a')!r} {child.text!r}")
PY

cat >read.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { parse } from 'ltx'

const child = parse(readFileSync('came.xml', 'utf8')).getChildElements()[0]
const shown = text => `'${JSON.stringify(text).slice(1, -1)}'`
console.log(`a=${shown(child.attrs.a)} ${shown(child.text())}`)
JS

all=
for name in prosody ejabberd; do
  seen="$name, read by expat: $(python3 send.py "${!name}")
$name, read by ltx: $(node read.mjs)"
  echo "$seen"
  all+="$seen
"
done
[ "$all" = "prosody, read by expat: a='1 2 3' '4\n5'
prosody, read by ltx: a='1\n2\t3' '4\r5'
ejabberd, read by expat: a='1\n2\t3' '4\n5'
ejabberd, read by ltx: a='1\n2\t3' '4\r5'
" ]
