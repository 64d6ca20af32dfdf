#!/usr/bin/env bash
# A phone has lost its line, a desk of the same user is online and gets each message for the account. When the phone's
# session times out (XEP-0198), its unacked copy is returned to the sender as an error, whoever else got the message: by
# Prosody 0.12.3 (recipient-unavailable) and by ejabberd 23.01 as it is configured by default (service-unavailable). So
# between somebody whose phone is out of reach, and who reads and answers at a desk, and anybody else, the other side sees
# each message fail that was read. An archive for the user (XEP-0313) changes that for ejabberd, and not for Prosody.
#
# Needs: Debian 12's apt sources, curl, python3. Seen on 2026-12-01, of one message each:
#   prosody, no archive: desk gets it, sender hears recipient-unavailable
#   prosody, archive: desk gets it, sender hears recipient-unavailable
#   ejabberd, no archive: desk gets it, sender hears service-unavailable
#   ejabberd, archive: desk gets it, sender hears nothing
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

mkdir -p prosody/{localhost,archived}/accounts
echo 'return { password = "secret" }' | tee prosody/{localhost,archived}/accounts/{romeo,juliet}.dat >/dev/null
cat >prosody.cfg.lua <<LUA
data_path = "$work/prosody"; pidfile = "$work/prosody.pid"; run_as_root = true; log = { error = "*console" }
modules_enabled = { "c2s", "saslauth", "presence", "message", "iq", "roster", "offline", "smacks" }; modules_disabled = { "s2s" }
interfaces = { "127.0.0.1" }; c2s_ports = { $prosody }; http_ports = {}; https_ports = {}
smacks_hibernation_time = 3; authentication = "internal_plain"; c2s_require_encryption = false; allow_unencrypted_plain_auth = true
VirtualHost "localhost"
VirtualHost "archived"
  modules_enabled = { "mam" }
LUA
sed "1d; s#'/usr/lib/prosody#'$work/root/usr/lib/prosody#" root/usr/bin/prosody >prosody.lua
LD_LIBRARY_PATH=$libraries LUA_PATH="$work/root/usr/share/lua/5.4/?.lua;;" LUA_CPATH="$libraries/lua/5.4/?.so;;" \
  root/usr/bin/lua5.4 prosody.lua -F --config prosody.cfg.lua >prosody.log 2>&1 &

cat >ejabberd.yml <<YAML
hosts: [localhost, archived]
listen:
  - {port: $ejabberd, ip: 127.0.0.1, module: ejabberd_c2s}
  - {port: $http, ip: 127.0.0.1, module: ejabberd_http, request_handlers: {/api: mod_http_api}}
api_permissions: {all: {who: all, what: "*"}}
modules: {mod_roster: {}, mod_offline: {}, mod_stream_mgmt: {resume_timeout: 3}}
append_host_config: {archived: {modules: {mod_mam: {default: always}}}}
YAML
HOME=$work ROOTDIR=$work/root/usr/lib/erlang BINDIR=$(echo "$work"/root/usr/lib/erlang/erts-*/bin) EMU=beam PROGNAME=erl \
  LD_LIBRARY_PATH=$libraries ERL_LIBS=$libraries EJABBERD_CONFIG_PATH=$work/ejabberd.yml EJABBERD_LOG_PATH=$work/ejabberd.log \
  "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noinput -mnesia dir "\"$work/spool\"" -s ejabberd >ejabberd.out 2>&1 &
for user in {romeo,juliet}@{localhost,archived}; do
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$http/api/register" \
    -d "{\"user\":\"${user%@*}\",\"host\":\"${user#*@}\",\"password\":\"secret\"}"
done

cat >observe.py <<'PY'
"""Lets the session of a phone time out while a desk is online, and prints what the sender of a message hears."""
import base64
import re
import socket
import struct
import sys
import time

name, port = sys.argv[1], int(sys.argv[2])


class Session:
    def __init__(self, host, user, resource, resumable=False):
        self.line, self.heard = socket.create_connection(("127.0.0.1", port), timeout=20), ""
        header = (
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
            f"version='1.0' to='{host}'>"
        )
        plain = base64.b64encode(f"\0{user}\0secret".encode()).decode()
        self.say(header, "</stream:features>")
        self.say(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>", "<success[^>]*>")
        self.say(header, "</stream:features>")
        bind = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>"
        self.say(f"<iq type='set' id='b'>{bind}</iq>", "</iq>")
        if resumable:
            self.say("<enable xmlns='urn:xmpp:sm:3' resume='true'/>", "<enabled[^>]*>")
        self.say("<presence id='here'/>", f"<presence[^>]*from='{user}@{host}/{resource}'[^>]*(/>|</presence>)")

    def say(self, text, pattern):
        self.line.sendall(text.encode())
        while not (found := re.search(pattern, self.heard, re.S)):
            more = self.line.recv(4096).decode()
            if not more:
                raise EOFError(self.heard)
            self.heard += more
        self.heard = self.heard[found.end() :]
        return found

    def messages(self):
        """The messages that came before the server answered a request."""
        ping = "<iq type='get' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>"
        return re.findall("<message.*?</message>", self.say(ping, "(.*)<iq[^>]*id='ping'").group(1), re.S)


for host, archive in (("localhost", "no archive"), ("archived", "archive")):
    phone, desk, romeo = (
        Session(host, "juliet", "phone", resumable=True),
        Session(host, "juliet", "desk"),
        Session(host, "romeo", "orchard"),
    )
    phone.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    phone.line.close()
    time.sleep(1)
    romeo.line.sendall(f"<message to='juliet@{host}' type='chat' id='m'><body>where are you</body></message>".encode())
    romeo.messages()
    time.sleep(1)
    got = "it" if any("id='m'" in message for message in desk.messages()) else "nothing"
    time.sleep(5)
    heard = [re.search("<error.*?<([a-z-]+) ", error, re.S).group(1) for error in romeo.messages()]
    print(f"{name}, {archive}: desk gets {got}, sender hears {', '.join(heard) or 'nothing'}", flush=True)
PY

seen=$(python3 observe.py prosody "$prosody" && python3 observe.py ejabberd "$ejabberd")
echo "$seen"
[ "$seen" = "prosody, no archive: desk gets it, sender hears recipient-unavailable
prosody, archive: desk gets it, sender hears recipient-unavailable
ejabberd, no archive: desk gets it, sender hears service-unavailable
ejabberd, archive: desk gets it, sender hears nothing" ]
