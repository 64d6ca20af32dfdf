#!/usr/bin/env bash
# A phone that said it is inactive (XEP-0352) loses its line and resumes its session (XEP-0198). What is it told then?
#
# ejabberd 23.01 first sends the presence that it held back, which is the newest, and then, as unacked, the one before it.
# So a client that shows what it was told last shows its contact as he was before, until he changes again; only the
# <delay/> stamps, which presence is usually read without, say which of the two is true.
#
# Prosody 0.12.3 sends them in order, and takes the client for inactive still, though XEP-0352 §5.2 has every resumed stream
# begin as active. A client that goes by the standard, and says nothing while its user looks at it, misses what is held
# back: here a presence of a contact.
#
# Needs: Debian 12's apt sources, curl, python3. Seen on 2026-12-01, of a contact who is available, then goes (xa) while the
# phone is inactive, and comes back (chat) after the resumption:
#   prosody, resumed: available, xa; of what comes then, at once: nothing; after <active/>: chat
#   ejabberd, resumed: xa, available; of what comes then, at once: chat; after <active/>: nothing
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
modules_enabled = { "c2s", "saslauth", "presence", "message", "iq", "roster", "smacks", "csi", "csi_simple" }; modules_disabled = { "s2s" }
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
modules: {mod_roster: {}, mod_client_state: {}, mod_stream_mgmt: {}}
YAML
HOME=$work ROOTDIR=$work/root/usr/lib/erlang BINDIR=$(echo "$work"/root/usr/lib/erlang/erts-*/bin) EMU=beam PROGNAME=erl \
  LD_LIBRARY_PATH=$libraries ERL_LIBS=$libraries EJABBERD_CONFIG_PATH=$work/ejabberd.yml EJABBERD_LOG_PATH=$work/ejabberd.log \
  "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noinput -mnesia dir "\"$work/spool\"" -s ejabberd >ejabberd.out 2>&1 &
for user in romeo juliet; do
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$http/api/register" \
    -d "{\"user\":\"$user\",\"host\":\"localhost\",\"password\":\"secret\"}"
done

cat >observe.py <<'PY'
"""Resumes the session of an inactive client, and prints which presence of a contact it is told, in order."""
import base64
import re
import socket
import struct
import sys
import time

name, port = sys.argv[1], int(sys.argv[2])


class Session:
    def __init__(self, user):
        self.line, self.heard = socket.create_connection(("127.0.0.1", port), timeout=20), ""
        header = (
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
            "version='1.0' to='localhost'>"
        )
        plain = base64.b64encode(f"\0{user}\0secret".encode()).decode()
        self.say(header, "</stream:features>")
        self.say(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>", "<success[^>]*>")
        self.say(header, "</stream:features>")

    def bind(self, resource):
        bind = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>"
        self.say(f"<iq type='set' id='b'>{bind}</iq>", "</iq>")
        self.previd = self.say("<enable xmlns='urn:xmpp:sm:3' resume='true'/>", "<enabled[^>]*[^v]id='([^']*)'[^>]*>").group(1)
        self.say("<presence id='here'/>", "<presence[^>]*(/>|</presence>)")
        return self

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

    def shown(self, seconds=2):
        """What of the contact's presence comes within so many seconds."""
        self.line.settimeout(seconds)
        try:
            self.hear("never")
        except TimeoutError:
            pass
        seen = re.findall("<presence[^>]*from='juliet@localhost/balcony'[^>]*(?:/>|>.*?</presence>)", self.heard, re.S)
        shows = [re.search("<show>(.*?)</show>", presence) for presence in seen]
        self.heard = ""
        return ", ".join(show.group(1) if show else "available" for show in shows) or "nothing"


juliet, romeo = Session("juliet").bind("balcony"), Session("romeo").bind("phone")
for who, kind, to in (
    (romeo, "subscribe", "juliet"),
    (juliet, "subscribed", "romeo"),
    (juliet, "subscribe", "romeo"),
    (romeo, "subscribed", "juliet"),
):
    who.line.sendall(f"<presence type='{kind}' to='{to}@localhost'/>".encode())
    time.sleep(0.5)
romeo.line.sendall(b"</stream:stream>")
time.sleep(1)

phone = Session("romeo").bind("phone")
phone.shown()
phone.line.sendall(b"<inactive xmlns='urn:xmpp:csi:0'/>")
time.sleep(1)
juliet.line.sendall(b"<presence><show>xa</show></presence>")
time.sleep(1)
phone.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
phone.line.close()
time.sleep(1)

back = Session("romeo")
back.line.sendall(f"<resume xmlns='urn:xmpp:sm:3' previd='{phone.previd}' h='1'/>".encode())
resumed = back.shown(7)  # Prosody holds nothing back for 5 s after it sent something
juliet.line.sendall(b"<presence><show>chat</show></presence>")
at_once = back.shown()
back.line.sendall(b"<active xmlns='urn:xmpp:csi:0'/>")
print(f"{name}, resumed: {resumed}; of what comes then, at once: {at_once}; after <active/>: {back.shown()}")
PY

seen=$(python3 observe.py prosody "$prosody" && python3 observe.py ejabberd "$ejabberd")
echo "$seen"
[ "$seen" = "prosody, resumed: available, xa; of what comes then, at once: nothing; after <active/>: chat
ejabberd, resumed: xa, available; of what comes then, at once: chat; after <active/>: nothing" ]
