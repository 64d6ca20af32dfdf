#!/usr/bin/env bash
# A certificate whose extended key usage is serverAuth alone, as Let's Encrypt issues them since 2026, is a connecting
# server's proof (SASL EXTERNAL, XEP-0178) to Prosody 0.12.3, and none to ejabberd 23.01 and to Node 20. With clientAuth
# alone it is the other way round. So neither "trusted authority and right name" nor "it works with Prosody" says that two
# servers can do without dialback, and what a certificate is worth depends on which of the two connects.
#
# Prosody checks whoever connects as if it were connected to. ejabberd lets TLS finish and says it in <failure/>, after it
# offered EXTERNAL; Node's TLS server sets `authorized` to false.
#
# Needs: Debian 12's apt sources, openssl, python3, Node 20. Seen on 2026-11-30:
#   serverAuth: Prosody success, ejabberd unsupported certificate purpose, Node INVALID_PURPOSE
#   clientAuth: Prosody no EXTERNAL, ejabberd success, Node authorized
#   serverAuth,clientAuth: Prosody success, ejabberd success, Node authorized
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
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu

request() { openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -subj "$2" "${@:3}" 2>/dev/null; }
request ca /CN=Authority -x509 -days 30 -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign >ca.pem
for usage in serverAuth clientAuth serverAuth,clientAuth; do
  request $usage /CN=romeo.example >$usage.csr
  printf 'subjectAltName=DNS:romeo.example\nextendedKeyUsage=%s\nkeyUsage=digitalSignature,keyEncipherment\n' $usage >extensions
  openssl x509 -req -in $usage.csr -CA ca.pem -CAkey ca.key -days 20 -extfile extensions >$usage.pem 2>/dev/null
done
cat serverAuth,clientAuth.pem serverAuth,clientAuth.key >both.pem
read -r prosody ejabberd < <(python3 -c '
import socket
free = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*[one.getsockname()[1] for one in free])')

cat >prosody.cfg.lua <<LUA
data_path = "$work/prosody"; pidfile = "$work/prosody.pid"; run_as_root = true; log = { error = "*console" }
modules_enabled = { "s2s", "s2s_auth_certs", "saslauth", "tls", "dialback" }; modules_disabled = { "c2s" }
interfaces = { "127.0.0.1" }; s2s_ports = { $prosody }; c2s_ports = {}; http_ports = {}; https_ports = {}
certificates = "$work"
ssl = { certificate = "$work/both.pem"; key = "$work/both.pem"; cafile = "$work/ca.pem" }
VirtualHost "juliet.example"
LUA
sed "1d; s#'/usr/lib/prosody#'$work/root/usr/lib/prosody#" root/usr/bin/prosody >prosody.lua
LUA_PATH="$work/root/usr/share/lua/5.4/?.lua;;" LUA_CPATH="$LD_LIBRARY_PATH/lua/5.4/?.so;;" \
  root/usr/bin/lua5.4 prosody.lua -F --config prosody.cfg.lua >prosody.log 2>&1 &

cat >ejabberd.yml <<YAML
hosts: [juliet.example]
certfiles: ["$work/both.pem"]
ca_file: "$work/ca.pem"
s2s_use_starttls: required
s2s_cafile: "$work/ca.pem"
listen: [{port: $ejabberd, ip: 127.0.0.1, module: ejabberd_s2s_in}]
modules: {}
YAML
HOME=$work ROOTDIR=$work/root/usr/lib/erlang BINDIR=$(echo "$work"/root/usr/lib/erlang/erts-*/bin) EMU=beam PROGNAME=erl \
  ERL_LIBS=$LD_LIBRARY_PATH EJABBERD_CONFIG_PATH=$work/ejabberd.yml EJABBERD_LOG_PATH=$work/ejabberd.log \
  "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noinput -mnesia dir "\"$work/spool\"" -s ejabberd >ejabberd.out 2>&1 &

cat >connect.py <<'PY'
"""Connects to a server as romeo.example, with a certificate, and prints what it makes of it."""
import re
import socket
import ssl
import sys
import time

port, usage = int(sys.argv[1]), sys.argv[2]
header = (
    b"<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' "
    b"xmlns:db='jabber:server:dialback' version='1.0' from='romeo.example' to='juliet.example'>"
)


def hear(pattern):
    heard = ""
    while not re.search(pattern, heard):
        more = line.recv(4096)
        if not more:
            raise EOFError(heard)
        heard += more.decode()
    return heard


def dial():
    for _ in range(150):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except ConnectionRefusedError:
            time.sleep(0.2)
    raise TimeoutError(port)


line = dial()
line.sendall(header)
hear("</stream:features>")
line.sendall(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
hear("<proceed")
context = ssl.create_default_context(cafile="ca.pem")
context.check_hostname = False
context.load_cert_chain(usage + ".pem", usage + ".key")
line = context.wrap_socket(line)
line.sendall(header)
if "EXTERNAL" in hear("</stream:features>"):
    line.sendall(b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>")
    answer = hear("<success|</failure>")
    print("success" if "<success" in answer else re.search("<text[^>]*>([^<]*)", answer).group(1))
else:
    print("no EXTERNAL")
PY

cat >node.mjs <<'JS'
// A TLS server that asks for a certificate, and prints what Node makes of it.
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:tls'

const [usage, own] = [process.argv[2], readFileSync('both.pem')]
const server = createServer(
  { key: own, cert: own, ca: readFileSync('ca.pem'), requestCert: true, rejectUnauthorized: false },
  line => {
    console.log(line.authorized ? 'authorized' : line.authorizationError)
    line.destroy()
    server.close()
  },
).listen(0, '127.0.0.1', () =>
  connect({
    port: server.address().port,
    rejectUnauthorized: false,
    cert: readFileSync(`${usage}.pem`),
    key: readFileSync(`${usage}.key`),
  })
    .on('error', () => {})
    .resume(),
)
JS

all=
for usage in serverAuth clientAuth serverAuth,clientAuth; do
  seen="$usage: Prosody $(python3 connect.py "$prosody" $usage), ejabberd $(python3 connect.py "$ejabberd" $usage), Node $(env -u LD_LIBRARY_PATH node node.mjs $usage)"
  echo "$seen"
  all+="$seen
"
done
[ "$all" = "serverAuth: Prosody success, ejabberd unsupported certificate purpose, Node INVALID_PURPOSE
clientAuth: Prosody no EXTERNAL, ejabberd success, Node authorized
serverAuth,clientAuth: Prosody success, ejabberd success, Node authorized
" ]
