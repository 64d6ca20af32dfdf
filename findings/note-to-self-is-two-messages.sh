#!/usr/bin/env bash
# A note to oneself, which is how people send a link from the phone to the desk, is two messages to Prosody 0.12.3 and to
# ejabberd 23.01. Each of the user's other clients gets it twice, once as the carbon of what was sent (XEP-0280) and once as
# what came for the account, and it is archived twice (XEP-0313). Copy and message have ids of their own by the same archive
# (<stanza-id/>, XEP-0359), so a client that does as XEP-0359 has it, and takes what has another id for another message,
# shows every note twice; only the id that the sending client chose says that it is one.
#
# Needs: Debian 12's apt sources, curl, python3. Seen on 2026-12-01, of one message from the phone to its own bare JID:
#   prosody: desk gets sent carbon, message, with 2 archive ids; phone gets message; 2 in the archive
#   ejabberd: desk gets sent carbon, message, with 2 archive ids; phone gets message; 2 in the archive
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
echo 'return { password = "secret" }' >prosody/localhost/accounts/romeo.dat
cat >prosody.cfg.lua <<LUA
data_path = "$work/prosody"; pidfile = "$work/prosody.pid"; run_as_root = true; log = { error = "*console" }
modules_enabled = { "c2s", "saslauth", "presence", "message", "iq", "roster", "carbons", "mam" }; modules_disabled = { "s2s" }
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
modules: {mod_roster: {}, mod_carboncopy: {}, mod_mam: {default: always}}
YAML
HOME=$work ROOTDIR=$work/root/usr/lib/erlang BINDIR=$(echo "$work"/root/usr/lib/erlang/erts-*/bin) EMU=beam PROGNAME=erl \
  LD_LIBRARY_PATH=$libraries ERL_LIBS=$libraries EJABBERD_CONFIG_PATH=$work/ejabberd.yml EJABBERD_LOG_PATH=$work/ejabberd.log \
  "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noinput -mnesia dir "\"$work/spool\"" -s ejabberd >ejabberd.out 2>&1 &
curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$http/api/register" \
  -d '{"user":"romeo","host":"localhost","password":"secret"}'

cat >observe.py <<'PY'
"""Sends a message to its own account, and prints how often it comes and is archived."""
import base64
import re
import socket
import sys

name, port = sys.argv[1], int(sys.argv[2])


class Session:
    def __init__(self, resource):
        self.line, self.heard = socket.create_connection(("127.0.0.1", port), timeout=20), ""
        header = (
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
            "version='1.0' to='localhost'>"
        )
        plain = base64.b64encode(b"\0romeo\0secret").decode()
        self.say(header, "</stream:features>")
        self.say(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>", "<success[^>]*>")
        self.say(header, "</stream:features>")
        bind = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>"
        self.say(f"<iq type='set' id='b'>{bind}</iq>", "</iq>")
        self.say("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>", "<iq[^>]*type='result'[^>]*/>")
        self.say("<presence id='here'/>", f"<presence[^>]*from='romeo@localhost/{resource}'[^>]*(/>|</presence>)")

    def say(self, text, pattern):
        self.line.sendall(text.encode())
        while not (found := re.search(pattern, self.heard, re.S)):
            more = self.line.recv(4096).decode()
            if not more:
                raise EOFError(self.heard)
            self.heard += more
        self.heard = self.heard[found.end() :]
        return found

    def got(self):
        """What came of the note, and the ids that the archive gave it."""
        self.line.settimeout(3)
        try:
            self.say("", "never")
        except TimeoutError:
            pass
        kinds = re.findall("<(sent|received) [^>]*carbons|</(body)>", self.heard)
        told = [carbon for carbon, _ in kinds]
        # The body of a carbon follows its wrapper.
        what = [f"{told[at - 1]} carbon" if at > 0 and told[at - 1] else "message" for at, (_, body) in enumerate(kinds) if body]
        ids = re.findall("<stanza-id[^>]*[^o]id='([^']*)'", self.heard)
        self.heard = ""
        return ", ".join(what), len(set(ids))


desk, phone = Session("desk"), Session("phone")
phone.line.sendall(b"<message to='romeo@localhost' type='chat' id='note'><body>read this</body></message>")
(at_desk, ids), (at_phone, _) = desk.got(), phone.got()
archived = phone.say("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>", "(.*)<fin .*</fin>").group(1).count("</body>")
print(f"{name}: desk gets {at_desk}, with {ids} archive ids; phone gets {at_phone}; {archived} in the archive")
PY

seen=$(python3 observe.py prosody "$prosody" && python3 observe.py ejabberd "$ejabberd")
echo "$seen"
again='desk gets sent carbon, message, with 2 archive ids; phone gets message; 2 in the archive'
[ "$seen" = "prosody: $again
ejabberd: $again" ]
