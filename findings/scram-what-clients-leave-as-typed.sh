#!/usr/bin/env bash
# SCRAM wants the password prepared (SASLprep, RFC 5802 §2.2) and '=' and ',' in a user name escaped (§5.1). Of five clients
# one does both, and each of the others fails a user whose name and password are right:
#
# nbxmpp 4.2.2 (Gajim), libstrophe 0.12.2 (profanity) and @xmpp/client 0.14.0 hash the password as it was typed. Prosody
# 0.12.3 and ejabberd 23.01 prepare it. So nobody gets in whose password has a character that SASLprep maps to others, such
# as the ellipsis or the no-break space that a Mac puts in, or an accent typed as two characters; the answer is that for a
# wrong password. nbxmpp, libstrophe and gloox 1.0.24 send the name as it was typed.
#
# Needs: Debian 12's apt sources, curl, g++, gcc, Node 20, npm, Debian 12's python3. Seen on 2026-11-30:
#   prosody, password "horse…battery": slixmpp in, gloox in, nbxmpp refused, libstrophe refused, @xmpp/client refused
#   prosody, user "r=o,meo": slixmpp in, gloox refused, nbxmpp refused, libstrophe refused, @xmpp/client in
#   ejabberd, password "horse…battery": slixmpp in, gloox in, nbxmpp refused, libstrophe refused, @xmpp/client refused
#   ejabberd, user "r=o,meo": slixmpp in, gloox refused, nbxmpp refused, libstrophe refused, @xmpp/client in
# As romeo with the password "secret" all are in.
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download -o APT::Sandbox::User=root \
  prosody=0.12.3-1+deb12u1 lua5.4 lua-bitop lua-expat lua-filesystem lua-sec lua-socket libicu72 \
  ejabberd=23.01-1 erlang-{asn1,base,base64url,crypto,goldrush,idna,inets,jiffy,jose,lager,mnesia,os-mon,public-key} \
  erlang-{runtime-tools,ssl,syntax-tools,unicode-util-compat,xmerl} \
  erlang-p1-{acme,cache-tab,eimp,mqtree,pkix,stringprep,stun,tls,utils,xml,xmpp,yaml,yconf,zlib} \
  python3-slixmpp=1.8.3-1 python3-slixmpp-lib=1.8.3-1+b1 python3-aiodns python3-pycares libc-ares2 python3-pyasn1{,-modules} \
  python3-nbxmpp=4.2.2-2 python3-gi python3-idna python3-packaging python3-precis-i18n \
  gir1.2-{soup-3.0,glib-2.0} libsoup-3.0-{0,common} libgirepository-1.0-1 libnghttp2-14 libpsl5 libsqlite3-0 \
  libstrophe0=0.12.2-1 libstrophe-dev=0.12.2-1 libexpat1 \
  libgloox18=1.0.24-3+b1 libgloox-dev=1.0.24-3+b1 >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
read -r prosody ejabberd http < <(node -e '
const { createServer } = require("node:net")
const free = [1, 2, 3].map(() => createServer().listen(0, "127.0.0.1"))
setTimeout(() => { console.log(...free.map(one => one.address().port)); process.exit() }, 100)')
typed='horse…battery'

mkdir -p prosody/localhost/accounts
echo 'return { password = "secret" }' >prosody/localhost/accounts/romeo.dat
echo 'return { password = "secret" }' >prosody/localhost/accounts/r%3do%2cmeo.dat
echo "return { password = '$typed' }" >prosody/localhost/accounts/juliet.dat
cat >prosody.cfg.lua <<LUA
data_path = "$work/prosody"; pidfile = "$work/prosody.pid"; run_as_root = true; log = { error = "*console" }
modules_enabled = { "c2s", "saslauth", "roster", "iq" }; modules_disabled = { "s2s" }; c2s_require_encryption = false
interfaces = { "127.0.0.1" }; c2s_ports = { $prosody }; http_ports = {}; https_ports = {}
authentication = "internal_plain"
VirtualHost "localhost"
LUA
sed "1d; s#'/usr/lib/prosody#'$work/root/usr/lib/prosody#" root/usr/bin/prosody >prosody.lua
LD_LIBRARY_PATH=$libraries LUA_PATH="$work/root/usr/share/lua/5.4/?.lua;;" LUA_CPATH="$libraries/lua/5.4/?.so;;" \
  root/usr/bin/lua5.4 prosody.lua -F --config prosody.cfg.lua >prosody.log 2>&1 &

cat >ejabberd.yml <<YAML
hosts: [localhost]
auth_password_format: plain
disable_sasl_mechanisms: [digest-md5, plain, x-oauth2]
listen:
  - {port: $ejabberd, ip: 127.0.0.1, module: ejabberd_c2s}
  - {port: $http, ip: 127.0.0.1, module: ejabberd_http, request_handlers: {/api: mod_http_api}}
api_permissions: {all: {who: all, what: "*"}}
modules: {mod_roster: {}}
YAML
HOME=$work ROOTDIR=$work/root/usr/lib/erlang BINDIR=$(echo "$work"/root/usr/lib/erlang/erts-*/bin) EMU=beam PROGNAME=erl \
  LD_LIBRARY_PATH=$libraries ERL_LIBS=$libraries EJABBERD_CONFIG_PATH=$work/ejabberd.yml EJABBERD_LOG_PATH=$work/ejabberd.log \
  "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noinput -mnesia dir "\"$work/spool\"" -s ejabberd >ejabberd.out 2>&1 &
register() {
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$http/api/register" \
    -d "{\"user\":\"$1\",\"host\":\"localhost\",\"password\":\"$2\"}"
}
register romeo secret
register r=o,meo secret
register juliet "$typed"

cat >slixmpp_client.py <<'PY'
import asyncio
import os
import sys

import slixmpp

port, user, password = sys.argv[1:]
client = slixmpp.ClientXMPP(user + "@localhost", password)


def end(how):
    print(how, flush=True)
    os._exit(0)


client.add_event_handler("session_start", lambda _: end("in"))
client.add_event_handler("failed_auth", lambda _: end("refused"))
client.connect(("127.0.0.1", int(port)), disable_starttls=True, force_starttls=False)
client.loop.run_forever()
PY
cat >nbxmpp_client.py <<'PY'
import os
import sys

from gi.repository import GLib
from nbxmpp.client import Client
from nbxmpp.const import ConnectionProtocol, ConnectionType

port, user, password = sys.argv[1:]
client = Client()
client.set_domain("localhost")
client.set_username(user)
client.set_resource("x")
client.set_password(password)
client.set_custom_host("127.0.0.1:" + port, ConnectionProtocol.TCP, ConnectionType.PLAIN)


def end(how):
    print(how, flush=True)
    os._exit(0)


client.subscribe("connected", lambda *_: end("in"))
client.subscribe("disconnected", lambda *_: end("refused" if client.get_error()[0].name == "SASL" else "failed"))
client.connect()
GLib.MainLoop().run()
PY
cat >xmpp-js.mjs <<'JS'
import { client } from '@xmpp/client'

const [port, username, password] = process.argv.slice(2)
const xmpp = client({ service: `xmpp://127.0.0.1:${port}`, domain: 'localhost', username, password })
const end = how => {
  console.log(how)
  process.exit()
}
xmpp.on('online', () => end('in'))
xmpp.on('error', error => end(error.name === 'SASLError' ? 'refused' : error.message))
xmpp.start().catch(() => {})
JS
cat >libstrophe.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <strophe.h>

static int is_over;

static void changed(xmpp_conn_t *conn, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error, void *data)
{
    (void)conn, (void)error, (void)stream_error, (void)data;
    puts(event == XMPP_CONN_CONNECT ? "in" : "refused");
    is_over = 1;
}

int main(int argc, char **argv)
{
    char jid[100];
    (void)argc;
    xmpp_initialize();
    xmpp_ctx_t *ctx = xmpp_ctx_new(NULL, NULL);
    xmpp_conn_t *conn = xmpp_conn_new(ctx);
    snprintf(jid, sizeof jid, "%s@localhost", argv[2]);
    xmpp_conn_set_flags(conn, XMPP_CONN_FLAG_DISABLE_TLS);
    xmpp_conn_set_jid(conn, jid);
    xmpp_conn_set_pass(conn, argv[3]);
    if (xmpp_connect_client(conn, "127.0.0.1", (unsigned short)atoi(argv[1]), changed, NULL) != XMPP_EOK)
        return 1;
    while (!is_over)
        xmpp_run_once(ctx, 10);
    return 0;
}
C
cat >gloox.cpp <<'CPP'
#include <cstdio>
#include <cstdlib>
#include <gloox/client.h>
#include <gloox/connectionlistener.h>

struct Listener : gloox::ConnectionListener {
    gloox::Client *client;
    void onConnect() override { std::puts("in"); client->disconnect(); }
    void onDisconnect(gloox::ConnectionError error) override
    {
        if (error == gloox::ConnAuthenticationFailed) std::puts("refused");
    }
    bool onTLSConnect(const gloox::CertInfo &) override { return true; }
};

int main(int, char **argv)
{
    gloox::Client client(gloox::JID(std::string(argv[2]) + "@localhost/x"), argv[3], std::atoi(argv[1]));
    Listener listener;
    listener.client = &client;
    client.setServer("127.0.0.1");
    client.setTls(gloox::TLSDisabled);
    client.registerConnectionListener(&listener);
    client.connect();
}
CPP
gcc -o libstrophe libstrophe.c -Iroot/usr/include "$libraries/libstrophe.so.0" -Wl,--allow-shlib-undefined
g++ -o gloox gloox.cpp -Iroot/usr/include "$libraries/libgloox.so.18" -Wl,--allow-shlib-undefined
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @xmpp/client@0.14.0 >/dev/null

# How each client fares; arguments: port, user, password.
each() {
  local here=(env LD_LIBRARY_PATH="$libraries:$work/root/lib/x86_64-linux-gnu" PYTHONPATH="$work/root/usr/lib/python3/dist-packages" GI_TYPELIB_PATH="$libraries/girepository-1.0" timeout 20)
  echo "slixmpp $("${here[@]}" /usr/bin/python3 slixmpp_client.py "$@")," \
    "gloox $("${here[@]}" ./gloox "$@")," \
    "nbxmpp $("${here[@]}" /usr/bin/python3 nbxmpp_client.py "$@" 2>/dev/null)," \
    "libstrophe $("${here[@]}" ./libstrophe "$@")," \
    "@xmpp/client $(timeout 20 node xmpp-js.mjs "$@")"
}
all_in='slixmpp in, gloox in, nbxmpp in, libstrophe in, @xmpp/client in'
by_password='slixmpp in, gloox in, nbxmpp refused, libstrophe refused, @xmpp/client refused'
by_name='slixmpp in, gloox refused, nbxmpp refused, libstrophe refused, @xmpp/client in'
seen=
for server in prosody ejabberd; do
  [ "$(each "${!server}" romeo secret)" = "$all_in" ]
  seen+="$server, password \"$typed\": $(each "${!server}" juliet "$typed")
$server, user \"r=o,meo\": $(each "${!server}" r=o,meo secret)
"
done
printf %s "$seen"
[ "$seen" = "prosody, password \"$typed\": $by_password
prosody, user \"r=o,meo\": $by_name
ejabberd, password \"$typed\": $by_password
ejabberd, user \"r=o,meo\": $by_name
" ]
