#!/usr/bin/env bash
# What arrives of three messages that a client wrote into a line which was already dead, once it has resumed its session
# (XEP-0198 §5: all that was not acked is sent again, in order)? With Prosody 0.12.3, whose part is the same each time:
#
# slixmpp 1.8.3        nothing: it empties its queue when it sends <resume/>
# aioxmpp 0.13.3       the last first: it puts each at the head of what is to be written
# libstrophe 0.12.2    not the first: it numbers from <enabled/>, Prosody from <enable/>, and the presence in between counts
# nbxmpp 4.2.2         all, in order
# @xmpp/client 0.14.0  all, in order
#
# So a recipient who misses a message, or has them in another order, after "the session was resumed" need not have a
# faulty server; and with libstrophe each stanza that an application sends at once when it is connected hides one more
# (presence, roster, carbons: three messages).
#
# Needs: Debian 12's apt sources and python3, gcc, Node 20, npm. Seen on 2026-11-30:
#   slixmpp: resumed, arrived: nothing
#   aioxmpp: resumed, arrived: 3 2 1
#   libstrophe: resumed, arrived: 2 3
#   nbxmpp: resumed, arrived: 1 2 3
#   @xmpp/client: resumed, arrived: 1 2 3
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download -o APT::Sandbox::User=root \
  prosody=0.12.3-1+deb12u1 lua5.4 lua-bitop lua-expat lua-filesystem lua-sec lua-socket libicu72 \
  python3-slixmpp=1.8.3-1 python3-slixmpp-lib=1.8.3-1+b1 python3-aiodns python3-pycares libc-ares2 \
  python3-aioxmpp=0.13.3-1 python3-{aioopenssl,aiosasl,babel,cffi-backend,cryptography,dnspython,lxml,multidict,openssl} \
  python3-{pkg-resources,pyasn1,pyasn1-modules,pytz-deprecation-shim,sortedcollections,sortedcontainers,tz,tzlocal} \
  python-babel-localedata libxml2 libxslt1.1 \
  python3-nbxmpp=4.2.2-2 python3-{gi,idna,packaging,precis-i18n} \
  gir1.2-{soup-3.0,glib-2.0} libsoup-3.0-{0,common} libgirepository-1.0-1 libnghttp2-14 libpsl5 libsqlite3-0 \
  libstrophe0=0.12.2-1 libstrophe-dev=0.12.2-1 libexpat1 >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @xmpp/client@0.14.0 >/dev/null
read -r prosody < <(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')

mkdir -p prosody/localhost/accounts
echo 'return { password = "secret" }' | tee prosody/localhost/accounts/{romeo,juliet}.dat >/dev/null
cat >prosody.cfg.lua <<LUA
data_path = "$work/prosody"; pidfile = "$work/prosody.pid"; run_as_root = true; log = { error = "*console" }
modules_enabled = { "c2s", "saslauth", "presence", "message", "iq", "roster", "smacks" }; modules_disabled = { "s2s" }
interfaces = { "127.0.0.1" }; c2s_ports = { $prosody }; http_ports = {}; https_ports = {}
authentication = "internal_plain"; c2s_require_encryption = false; allow_unencrypted_plain_auth = true
VirtualHost "localhost"
LUA
sed "1d; s#'/usr/lib/prosody#'$work/root/usr/lib/prosody#" root/usr/bin/prosody >prosody.lua
LD_LIBRARY_PATH=$libraries LUA_PATH="$work/root/usr/share/lua/5.4/?.lua;;" LUA_CPATH="$libraries/lua/5.4/?.so;;" \
  root/usr/bin/lua5.4 prosody.lua -F --config prosody.cfg.lua >prosody.log 2>&1 &

# The clients: each connects to the port of its argument, sends presence, prints `up`, reads a line, and sends 1 2 3.
cat >slixmpp_client.py <<'PY'
import sys

import slixmpp


def say():
    sys.stdin.readline()
    for body in "123":
        client.send_message("romeo@localhost/x", body, mtype="chat")


def started(_):
    client.send_presence()
    print("up", flush=True)
    client.loop.add_reader(sys.stdin, lambda: (client.loop.remove_reader(sys.stdin), say()))


def dial():
    client.connect(("127.0.0.1", int(sys.argv[1])), disable_starttls=True, force_starttls=False)


client = slixmpp.ClientXMPP("juliet@localhost/balcony", "secret")
client.register_plugin("xep_0198")
client.add_event_handler("session_start", started)
client.add_event_handler("disconnected", lambda _: client.loop.call_later(0.1, dial))
dial()
client.loop.run_forever()
PY
cat >aioxmpp_client.py <<'PY'
import asyncio
import logging
import sys

import aioxmpp


def say():
    sys.stdin.readline()
    for body in "123":
        message = aioxmpp.Message(to=aioxmpp.JID.fromstr("romeo@localhost/x"), type_=aioxmpp.MessageType.CHAT)
        message.body[None] = body
        client.enqueue(message)


async def main():
    global client
    loop = asyncio.get_running_loop()
    client = aioxmpp.PresenceManagedClient(
        aioxmpp.JID.fromstr("juliet@localhost/balcony"),
        aioxmpp.make_security_layer("secret", no_verify=True)._replace(tls_required=False),
        override_peer=[("127.0.0.1", int(sys.argv[1]), aioxmpp.connector.STARTTLSConnector())],
    )
    client.presence = aioxmpp.PresenceState(True)
    up = asyncio.Event()
    client.on_stream_established.connect(up.set)
    await up.wait()
    print("up", flush=True)
    loop.add_reader(sys.stdin, lambda: (loop.remove_reader(sys.stdin), say()))
    await asyncio.sleep(600)


logging.disable(logging.CRITICAL)
asyncio.run(main())
PY
cat >nbxmpp_client.py <<'PY'
import sys

from gi.repository import GLib
from nbxmpp.client import Client
from nbxmpp.const import ConnectionProtocol, ConnectionType
from nbxmpp.protocol import Message, Presence


def say(*_):
    sys.stdin.readline()
    for body in "123":
        client.send_stanza(Message(to="romeo@localhost/x", body=body, typ="chat"))
    return GLib.SOURCE_REMOVE


def up(*_):
    client.send_stanza(Presence())
    print("up", flush=True)
    GLib.io_add_watch(sys.stdin, GLib.IO_IN, say)


client = Client()
client.set_domain("localhost")
client.set_username("juliet")
client.set_resource("balcony")
client.set_password("secret")
client.set_custom_host("127.0.0.1:" + sys.argv[1], ConnectionProtocol.TCP, ConnectionType.PLAIN)
client.subscribe("connected", up)
client.subscribe("disconnected", lambda *_: GLib.timeout_add(100, client.connect))
client.connect()
GLib.MainLoop().run()
PY
cat >xmpp-js.mjs <<'JS'
import { createInterface } from 'node:readline'
import { client, xml } from '@xmpp/client'

const service = `xmpp://127.0.0.1:${process.argv[2]}`
const xmpp = client({ service, domain: 'localhost', resource: 'balcony', username: 'juliet', password: 'secret' })
xmpp.on('error', () => {})
xmpp.once('online', async () => {
  await xmpp.send(xml('presence'))
  console.log('up')
})
createInterface({ input: process.stdin }).once('line', () => {
  for (const body of '123')
    xmpp.send(xml('message', { to: 'romeo@localhost/x', type: 'chat' }, xml('body', {}, body))).catch(() => {})
})
xmpp.start().catch(() => {})
JS
cat >libstrophe.c <<'C'
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strophe.h>
#include <unistd.h>

static int is_gone, connections;

static void changed(xmpp_conn_t *conn, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error, void *data)
{
    (void)error, (void)stream_error, (void)data;
    is_gone = event != XMPP_CONN_CONNECT;
    if (is_gone || ++connections > 1)
        return;
    xmpp_stanza_t *presence = xmpp_presence_new(xmpp_conn_get_context(conn));
    xmpp_send(conn, presence);
    xmpp_stanza_release(presence);
    puts("up");
    fflush(stdout);
}

static void say(xmpp_ctx_t *ctx, xmpp_conn_t *conn)
{
    for (const char *body = "123"; *body; body++) {
        char text[2] = {*body, 0};
        xmpp_stanza_t *message = xmpp_message_new(ctx, "chat", "romeo@localhost/x", NULL);
        xmpp_message_set_body(message, text);
        xmpp_send(conn, message);
        xmpp_stanza_release(message);
    }
}

int main(int argc, char **argv)
{
    char line[10];
    int has_said = 0;
    struct pollfd in = {STDIN_FILENO, POLLIN, 0};
    (void)argc;
    signal(SIGPIPE, SIG_IGN);
    xmpp_initialize();
    xmpp_ctx_t *ctx = xmpp_ctx_new(NULL, NULL);
    xmpp_sm_state_t *state = NULL;
    for (;;) {
        xmpp_conn_t *conn = xmpp_conn_new(ctx);
        xmpp_conn_set_flags(conn, XMPP_CONN_FLAG_DISABLE_TLS);
        xmpp_conn_set_jid(conn, "juliet@localhost/balcony");
        xmpp_conn_set_pass(conn, "secret");
        if (state != NULL)
            xmpp_conn_set_sm_state(conn, state);
        is_gone = xmpp_connect_client(conn, "127.0.0.1", (unsigned short)atoi(argv[1]), changed, NULL) != XMPP_EOK;
        while (!is_gone) {
            xmpp_run_once(ctx, 10);
            if (!has_said && poll(&in, 1, 0) > 0 && read(STDIN_FILENO, line, sizeof line) > 0) {
                has_said = 1;
                say(ctx, conn);
            }
        }
        state = xmpp_conn_get_sm_state(conn);
        xmpp_conn_release(conn);
        usleep(100 * 1000);
    }
}
C
gcc -o libstrophe libstrophe.c -Iroot/usr/include "$libraries/libstrophe.so.0" -Wl,--allow-shlib-undefined

cat >observe.py <<'PY'
"""Stands between a client and Prosody, lets the line die, and prints what arrives at Romeo after the resumption."""
import base64
import re
import select
import socket
import struct
import subprocess
import sys
import threading
import time

port, name, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]


class Line:
    """One connection of the client, and what was read from the server."""

    def __init__(self, client):
        self.client, self.server = client, socket.create_connection(("127.0.0.1", port))
        self.is_dead, self.is_over, self.heard = False, False, b""
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()

    def carry(self):
        """Carries bytes both ways until somebody closes; whoever is left is reset."""
        while not self.is_over:
            for end in select.select([self.client, self.server], [], [], 0.05)[0]:
                data = end.recv(4096)
                self.is_over |= not data
                if end is self.server:
                    self.heard += data
                    self.client.sendall(data)
                elif not self.is_dead:
                    self.server.sendall(data)
        for end in (self.client, self.server):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.close()

    def cut(self):
        self.is_over = True
        self.thread.join()


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise TimeoutError(name)
        time.sleep(0.05)


def accept():
    while True:
        lines.append(Line(listener.accept()[0]))


class Romeo:
    def __init__(self):
        self.line, self.heard = socket.create_connection(("127.0.0.1", port), timeout=20), ""
        header = (
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' to='localhost' "
            "xmlns:stream='http://etherx.jabber.org/streams'>"
        )
        plain = base64.b64encode(b"\0romeo\0secret").decode()
        auth = f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>"
        bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>x</resource></bind></iq>"
        for said, heard in ((header, "</stream:features>"), (auth, "<success[^>]*>"), (header, "</stream:features>"), (bind, "</iq>")):
            self.line.sendall(said.encode())
            self.hear(heard)
        threading.Thread(target=self.listen, daemon=True).start()

    def hear(self, pattern):
        while not re.search(pattern, self.heard):
            self.heard += self.line.recv(4096).decode()
        self.heard = ""

    def listen(self):
        self.line.settimeout(None)
        while data := self.line.recv(4096):
            self.heard += data.decode()


listener = socket.create_server(("127.0.0.1", 0))
lines = []
threading.Thread(target=accept, daemon=True).start()
romeo = Romeo()
client = subprocess.Popen(
    [*command, str(listener.getsockname()[1])], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
)
try:
    assert client.stdout.readline() == b"up\n"
    until(lambda: b"<enabled" in lines[-1].heard)
    time.sleep(1)
    lines[-1].is_dead = True
    client.stdin.write(b"go\n")
    client.stdin.flush()
    time.sleep(1)
    lines[-1].cut()
    until(lambda: re.search(rb"<resumed|<failed", lines[-1].heard))
    time.sleep(3)
    how = "resumed" if b"<resumed" in lines[-1].heard else "not resumed"
    print(f"{name}: {how}, arrived:", " ".join(re.findall("<body>(.*?)</body>", romeo.heard)) or "nothing")
finally:
    client.kill()
PY

export PYTHONPATH=$work/root/usr/lib/python3/dist-packages GI_TYPELIB_PATH=$libraries/girepository-1.0
with=(env LD_LIBRARY_PATH="$libraries:$work/root/lib/x86_64-linux-gnu")
observe() { /usr/bin/python3 observe.py "$prosody" "$@"; }
until (: <"/dev/tcp/127.0.0.1/$prosody") 2>/dev/null; do sleep 0.2; done
seen=$(
  observe slixmpp "${with[@]}" /usr/bin/python3 slixmpp_client.py
  observe aioxmpp "${with[@]}" /usr/bin/python3 aioxmpp_client.py
  observe libstrophe "${with[@]}" ./libstrophe
  observe nbxmpp "${with[@]}" /usr/bin/python3 nbxmpp_client.py
  observe @xmpp/client node xmpp-js.mjs
)
echo "$seen"
[ "$seen" = "slixmpp: resumed, arrived: nothing
aioxmpp: resumed, arrived: 3 2 1
libstrophe: resumed, arrived: 2 3
nbxmpp: resumed, arrived: 1 2 3
@xmpp/client: resumed, arrived: 1 2 3" ]
