#!/usr/bin/env bash
# Chromium sends a WebSocket message of more than 131,000 bytes as several frames (RFC 6455 §5.4: a first one and
# continuations), whatever the page does: WebSocket.send() has no say in it. Prosody 0.12.3 closes the connection at the
# first such frame, with 1003 and "Continuation frames are not supported"; its limit of a stanza is twice as much, 256 kB.
# ejabberd 23.01 puts the frames together. So a web client can send Prosody an avatar of 90 kB and not one of 100 kB
# (base64), and one with stream management (XEP-0198) that does what it should, resume and send again what was not acked,
# is cut off again each time, with all that waits behind that stanza.
#
# Needs: Debian 12's apt sources (Chromium too), curl, python3. Seen on 2026-12-01 with Chromium 156, of messages to oneself:
#   prosody, 130000 bytes: delivered
#   prosody, 140000 bytes: closed, 1003 Continuation frames are not supported, RFC 7395 3.3.3
#   ejabberd, 130000 bytes: delivered
#   ejabberd, 140000 bytes: delivered
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
command -v chromium >/dev/null || { echo 'needs chromium: apt-get install --no-install-recommends chromium'; exit 1; }
apt-get download -o APT::Sandbox::User=root \
  prosody=0.12.3-1+deb12u1 lua5.4 lua-bitop lua-expat lua-filesystem lua-sec lua-socket libicu72 \
  ejabberd=23.01-1 erlang-{asn1,base,base64url,crypto,goldrush,idna,inets,jiffy,jose,lager,mnesia,os-mon,public-key} \
  erlang-{runtime-tools,ssl,syntax-tools,unicode-util-compat,xmerl} \
  erlang-p1-{acme,cache-tab,eimp,mqtree,pkix,stringprep,stun,tls,utils,xml,xmpp,yaml,yconf,zlib} >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
read -r prosody ejabberd < <(python3 -c '
import socket
free = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*[one.getsockname()[1] for one in free])')

mkdir -p prosody/localhost/accounts
echo 'return { password = "secret" }' >prosody/localhost/accounts/romeo.dat
cat >prosody.cfg.lua <<LUA
data_path = "$work/prosody"; pidfile = "$work/prosody.pid"; run_as_root = true; log = { error = "*console" }
modules_enabled = { "saslauth", "presence", "message", "iq", "websocket" }; modules_disabled = { "s2s" }; c2s_ports = {}
http_ports = { $prosody }; http_interfaces = { "127.0.0.1" }; https_ports = {}; consider_websocket_secure = true
authentication = "internal_plain"; c2s_require_encryption = false; allow_unencrypted_plain_auth = true
VirtualHost "localhost"
LUA
sed "1d; s#'/usr/lib/prosody#'$work/root/usr/lib/prosody#" root/usr/bin/prosody >prosody.lua
LD_LIBRARY_PATH=$libraries LUA_PATH="$work/root/usr/share/lua/5.4/?.lua;;" LUA_CPATH="$libraries/lua/5.4/?.so;;" \
  root/usr/bin/lua5.4 prosody.lua -F --config prosody.cfg.lua >prosody.log 2>&1 &

cat >ejabberd.yml <<YAML
hosts: [localhost]
listen:
  - port: $ejabberd
    ip: 127.0.0.1
    module: ejabberd_http
    request_handlers: {/api: mod_http_api, /xmpp-websocket: ejabberd_http_ws}
api_permissions: {all: {who: all, what: "*"}}
modules: {mod_roster: {}}
YAML
HOME=$work ROOTDIR=$work/root/usr/lib/erlang BINDIR=$(echo "$work"/root/usr/lib/erlang/erts-*/bin) EMU=beam PROGNAME=erl \
  LD_LIBRARY_PATH=$libraries ERL_LIBS=$libraries EJABBERD_CONFIG_PATH=$work/ejabberd.yml EJABBERD_LOG_PATH=$work/ejabberd.log \
  "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noinput -mnesia dir "\"$work/spool\"" -s ejabberd >ejabberd.out 2>&1 &
curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$ejabberd/api/register" \
  -d '{"user":"romeo","host":"localhost","password":"secret"}'
curl -s --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$prosody/xmpp-websocket"

cat >page.html <<'HTML'
<!doctype html>
<script>
  const [port, bytes] = location.hash.slice(1).split(',').map(Number)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/xmpp-websocket`, 'xmpp')
  const tell = seen => fetch('/', { method: 'POST', body: seen })
  const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>"
  const head = "<message xmlns='jabber:client' to='romeo@localhost/garden' type='chat' id='large'><body>"
  const tail = '</body></message>'
  const steps = [
    ['features>', `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${btoa('\0romeo\0secret')}</auth>`],
    ['<success', open],
    ['features>', "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>garden</resource></bind></iq>"],
    ["type='result'", head + 'x'.repeat(bytes - head.length - tail.length) + tail],
  ]
  socket.onopen = () => socket.send(open)
  socket.onmessage = ({ data }) => {
    if (data.includes("id='large'")) return tell('delivered')
    if (steps.length > 0 && data.includes(steps[0][0])) socket.send(steps.shift()[1])
  }
  socket.onclose = ({ code, reason }) => tell(`closed, ${code} ${reason}`)
</script>
HTML
cat >look.py <<'PY'
"""Serves the page to a browser and prints what it tells."""
import http.server
import subprocess
import sys

page = open("page.html", "rb").read()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(page)

    def do_POST(self):
        self.server.told = self.rfile.read(int(self.headers["content-length"])).decode()
        self.answer(b"")

    def answer(self, body):
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
    server.told, server.timeout = None, 60
    address = f"http://127.0.0.1:{server.server_port}/#{sys.argv[1]},{sys.argv[2]}"
    browser = subprocess.Popen(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=profile", "--remote-debugging-port=0", address],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(10):
        if server.told is None:
            server.handle_request()
    browser.terminate()
    browser.wait()
    print(server.told)
PY
look() { python3 look.py "$1" "$2"; }
seen=$(
  for bytes in 130000 140000; do echo "prosody, $bytes bytes: $(look "$prosody" $bytes)"; done
  for bytes in 130000 140000; do echo "ejabberd, $bytes bytes: $(look "$ejabberd" $bytes)"; done
)
echo "$seen"
[ "$seen" = "prosody, 130000 bytes: delivered
prosody, 140000 bytes: closed, 1003 Continuation frames are not supported, RFC 7395 3.3.3
ejabberd, 130000 bytes: delivered
ejabberd, 140000 bytes: delivered" ]
