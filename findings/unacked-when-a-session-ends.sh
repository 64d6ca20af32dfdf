#!/usr/bin/env bash
# What becomes of a chat message that a session with stream management has not acked when the session ends, on a server
# with offline storage? Prosody 0.12.3 stores it, and the next session gets it. ejabberd 23.01, as it is configured by
# default (resend_on_timeout: false), gives it back to its sender as an error, though it has mod_offline: also when the
# session ends because the same client has come back and bound the same resource, as after a restart of an app that does
# not keep its SM-ID, and is online; and when the client closed its stream cleanly and had read the message, only without
# a last <a/>, which is but recommended (XEP-0198 §4). So of one and the same goodbye, users of one server read a message
# twice, and of the other are told that it failed.
#
# Needs: Debian 12's apt sources, curl, python3. Seen on 2026-11-30:
#   prosody, line lost and timed out: sender hears nothing, next session gets it
#   prosody, line lost and the resource bound anew: sender hears nothing, next session gets it
#   prosody, read and closed without <a/>: sender hears nothing, next session gets it
#   prosody, read and closed after <a/>: sender hears nothing, next session gets nothing
#   ejabberd, line lost and timed out: sender hears service-unavailable, next session gets nothing
#   ejabberd, line lost and the resource bound anew: sender hears service-unavailable, next session gets nothing
#   ejabberd, read and closed without <a/>: sender hears service-unavailable, next session gets nothing
#   ejabberd, read and closed after <a/>: sender hears nothing, next session gets nothing
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
modules_enabled = { "c2s", "saslauth", "presence", "message", "iq", "offline", "smacks" }; modules_disabled = { "s2s" }
interfaces = { "127.0.0.1" }; c2s_ports = { $prosody }; http_ports = {}; https_ports = {}
smacks_hibernation_time = 3; authentication = "internal_plain"; c2s_require_encryption = false; allow_unencrypted_plain_auth = true
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
modules: {mod_roster: {}, mod_offline: {}, mod_stream_mgmt: {resume_timeout: 3}}
YAML
HOME=$work ROOTDIR=$work/root/usr/lib/erlang BINDIR=$(echo "$work"/root/usr/lib/erlang/erts-*/bin) EMU=beam PROGNAME=erl \
  LD_LIBRARY_PATH=$libraries ERL_LIBS=$libraries EJABBERD_CONFIG_PATH=$work/ejabberd.yml EJABBERD_LOG_PATH=$work/ejabberd.log \
  "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noinput -mnesia dir "\"$work/spool\"" -s ejabberd >ejabberd.out 2>&1 &
for user in romeo juliet; do
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$http/api/register" \
    -d "{\"user\":\"$user\",\"host\":\"localhost\",\"password\":\"secret\"}"
done

cat >observe.py <<'PY'
"""Lets a session end in several ways with a message that it has not acked, and prints who hears of it."""
import base64
import re
import socket
import struct
import sys
import time

name, port = sys.argv[1], int(sys.argv[2])


class Session:
    def __init__(self, user, resource):
        self.line, self.heard = socket.create_connection(("127.0.0.1", port), timeout=20), ""
        header = (
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
            "version='1.0' to='localhost'>"
        )
        plain = base64.b64encode(f"\0{user}\0secret".encode()).decode()
        self.say(header, "</stream:features>")
        self.say(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>", "<success[^>]*>")
        self.say(header, "</stream:features>")
        bind = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>"
        self.say(f"<iq type='set' id='b'>{bind}</iq>", "</iq>")
        self.say("<enable xmlns='urn:xmpp:sm:3' resume='true'/>", "<enabled[^>]*>")
        self.say("<presence id='here'/>", "<presence[^>]*(/>|</presence>)")

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

    def all(self):
        """What comes until the server has answered a request."""
        ping = "<iq type='get' id='ping' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"
        return self.say(ping, "(.*)<iq[^>]*id='ping'").group(1)

    def close(self):
        self.say("</stream:stream>", "</stream:stream>")


def lost(session):
    session.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    session.line.close()


def timed_out(session):
    lost(session)
    time.sleep(5)


def without_ack(session):
    session.hear("where are you</body>.*</message>")
    session.close()


def after_ack(session):
    session.line.sendall(b"<a xmlns='urn:xmpp:sm:3' h='2'/>")
    without_ack(session)


for label, end in (
    ("line lost and timed out", timed_out),
    ("line lost and the resource bound anew", lost),
    ("read and closed without <a/>", without_ack),
    ("read and closed after <a/>", after_ack),
):
    romeo, juliet = Session("romeo", "orchard"), Session("juliet", "balcony")
    romeo.line.sendall(b"<message to='juliet@localhost/balcony' type='chat' id='m'><body>where are you</body></message>")
    romeo.all()
    end(juliet)
    time.sleep(1)
    following = Session("juliet", "balcony")
    time.sleep(1)
    got = "it" if "where are you" in following.all() else "nothing"
    told = re.search("<message[^>]*type='error'.*?<error[^>]*><([a-z-]+)", romeo.all(), re.S)
    print(f"{name}, {label}: sender hears {told.group(1) if told else 'nothing'}, next session gets {got}", flush=True)
    following.line.sendall(b"<a xmlns='urn:xmpp:sm:3' h='%d'/>" % (2 if got == "it" else 1))
    following.close()
    romeo.close()
PY

seen=$(python3 observe.py prosody "$prosody" && python3 observe.py ejabberd "$ejabberd")
echo "$seen"
again='sender hears nothing, next session gets it'
returned='sender hears service-unavailable, next session gets nothing'
done='sender hears nothing, next session gets nothing'
[ "$seen" = "prosody, line lost and timed out: $again
prosody, line lost and the resource bound anew: $again
prosody, read and closed without <a/>: $again
prosody, read and closed after <a/>: $done
ejabberd, line lost and timed out: $returned
ejabberd, line lost and the resource bound anew: $returned
ejabberd, read and closed without <a/>: $returned
ejabberd, read and closed after <a/>: $done" ]
