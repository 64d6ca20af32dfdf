#!/usr/bin/env bash
# ejabberd 23.01 knows a session under its prepared JID and calls it, to everybody, by the JID as its client typed it: user,
# domain and resource. So one session has many names: what is sent to any spelling reaches it, a bind under another
# spelling replaces it (conflict), and in `from` and in the answer to bind is whatever was typed last. Who keeps sessions,
# rosters or journals by the text of a JID that ejabberd sent has two of what is one. Prosody 0.12.3 sends prepared JIDs
# only. And a resource with a letter that is younger than Unicode 3.2 (2002), which stringprep (RFC 6122) does not know and
# PRECIS (RFC 7622) allows, is refused by ejabberd, and replaced by a random one by Prosody, which says nothing of it.
#
# Needs: Debian 12's apt sources, curl, python3. Seen on 2026-11-30, of ROMEO@LOCALHOST with the resource U+FF42 (a
# full-width b), then U+A7B7 (a Latin omega, Unicode 8):
#   prosody: bound as romeo@localhost/b, replaced by a session that asks for "b": yes, sends from romeo@localhost/b
#   prosody: younger letter: bound to a random resource
#   ejabberd: bound as ROMEO@LOCALHOST/\uff42, replaced by a session that asks for "b": yes, sends from ROMEO@LOCALHOST/\uff42
#   ejabberd: younger letter: bad-request
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

cat >observe.py <<'PY'
"""Binds resources that stringprep changes or does not know, and prints what the server makes of them."""
import base64
import re
import socket
import sys

name, port = sys.argv[1], int(sys.argv[2])


class Session:
    def __init__(self, user, domain, resource):
        self.line, self.heard = socket.create_connection(("127.0.0.1", port), timeout=20), ""
        header = (
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
            f"version='1.0' to='{domain}'>"
        )
        plain = base64.b64encode(f"\0{user}\0secret".encode()).decode()
        self.say(header, "</stream:features>")
        self.say(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>", "<success[^>]*>")
        self.say(header, "</stream:features>")
        bind = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>"
        answer = self.say(f"<iq type='set' id='b'>{bind}</iq>", "<iq.*</iq>").group(0)
        self.jid = (re.search("<jid>(.*)</jid>", answer) or [None, None])[1]
        self.error = (re.search("<error[^>]*><([a-z-]+)", answer) or [None, None])[1]

    def say(self, text, pattern):
        self.line.sendall(text.encode())
        return self.hear(pattern)

    def hear(self, pattern):
        while not (found := re.search(pattern, self.heard, re.S)):
            more = self.line.recv(4096).decode()
            if not more:
                raise EOFError(self.heard)
            self.heard += more
        self.heard = self.heard[found.end() :]
        return found


juliet = Session("juliet", "localhost", "x")
romeo = Session("ROMEO", "LOCALHOST", "\uff42")
romeo.line.sendall(b"<message to='juliet@localhost/x' type='chat'><body>1</body></message>")
sender = juliet.hear("<message [^>]*from='([^']*)'").group(1)
juliet.hear("</message>")
juliet.line.sendall(b"<message to='romeo@localhost/b' type='chat'><body>2</body></message>")
romeo.hear("<body>2</body>")
other = Session("romeo", "localhost", "b")
replaced = "yes" if romeo.hear("<stream:error><([a-z-]+)").group(1) == "conflict" else "no"
print(f'{name}: bound as {romeo.jid}, replaced by a session that asks for "b": {replaced}, sends from {sender}'.encode("ascii", "backslashreplace").decode())
young = Session("romeo", "localhost", "\ua7b7")
known = young.error or ("bound to it" if young.jid.endswith("/\ua7b7") else "bound to a random resource")
print(f"{name}: younger letter: {known}")
PY

seen=$(python3 observe.py prosody "$prosody" && python3 observe.py ejabberd "$ejabberd")
echo "$seen"
[ "$seen" = 'prosody: bound as romeo@localhost/b, replaced by a session that asks for "b": yes, sends from romeo@localhost/b
prosody: younger letter: bound to a random resource
ejabberd: bound as ROMEO@LOCALHOST/\uff42, replaced by a session that asks for "b": yes, sends from ROMEO@LOCALHOST/\uff42
ejabberd: younger letter: bad-request' ]
