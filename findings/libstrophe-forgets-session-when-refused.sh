#!/usr/bin/env bash
# libstrophe 0.12.2 (Debian 12; profanity 0.13 stands on it) forgets a resumable session of stream management when one
# attempt to connect again fails.
#
# An application keeps a session by taking the state out of a connection that ended (xmpp_conn_get_sm_state) and giving it
# to the next (xmpp_conn_set_sm_state). If that next connection is refused, as while a server restarts, the state that
# comes out of it has lost its previd: each end of a connection makes `id` the new `previd`, and a connection that never
# was up has no `id`. The connection after that binds anew. So a server that is away for a moment, and keeps all sessions,
# resumes none of these clients that dialled meanwhile.
#
# Needs: Debian 12's apt sources, gcc, python3. Seen on 2026-11-30:
#   dialled again at once:            <resume/>, previd 'session-1'
#   dialled again after one refusal:  <iq/> with <bind/>
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
version=0.12.2-1
apt-get download -o APT::Sandbox::User=root "libstrophe0=$version" "libstrophe-dev=$version" libexpat1 >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done

cat >client.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>

static int is_gone;

static void changed(xmpp_conn_t *conn, xmpp_conn_event_t event, int error, xmpp_stream_error_t *stream_error, void *data)
{
    (void)conn, (void)error, (void)stream_error, (void)data;
    if (event != XMPP_CONN_CONNECT)
        is_gone = 1;
}

/* Connects to one port after the other, handing the state on, until each connection has ended. */
int main(int argc, char **argv)
{
    xmpp_initialize();
    xmpp_ctx_t *ctx = xmpp_ctx_new(NULL, NULL);
    xmpp_sm_state_t *state = NULL;
    for (int i = 1; i < argc; i++) {
        xmpp_conn_t *conn = xmpp_conn_new(ctx);
        xmpp_conn_set_flags(conn, XMPP_CONN_FLAG_DISABLE_TLS);
        xmpp_conn_set_jid(conn, "juliet@localhost/balcony");
        xmpp_conn_set_pass(conn, "secret");
        if (state != NULL && xmpp_conn_set_sm_state(conn, state) != XMPP_EOK)
            return 1;
        is_gone = 0;
        if (xmpp_connect_client(conn, "127.0.0.1", (unsigned short)atoi(argv[i]), changed, NULL) == XMPP_EOK)
            while (!is_gone)
                xmpp_run_once(ctx, 10);
        state = xmpp_conn_get_sm_state(conn);
        xmpp_conn_release(conn);
    }
    return 0;
}
C

cat >peer.py <<'PY'
"""A peer that begins a session, drops the line, and prints what the next connection asks for."""
import re
import socket
import sys

features = {
    False: "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>",
    True: "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>",
}


def log_in(line):
    """Answers until the login is done and the features after it are sent."""
    is_in = False
    heard = ""
    while True:
        heard += line.recv(4096).decode()
        if "<auth" in heard and not is_in:
            line.sendall(b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
            is_in, heard = True, heard.split("</auth>")[-1]
        if re.search("<stream:stream[^>]*>", heard):
            heard = ""
            line.sendall(
                b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' id='1' from='localhost' "
                b"xmlns:stream='http://etherx.jabber.org/streams'><stream:features>"
                + features[is_in].encode()
                + b"</stream:features>"
            )
            if is_in:
                return


def hear(line, pattern):
    heard = ""
    while not re.search(pattern, heard):
        heard += line.recv(4096).decode()
    return re.search(pattern, heard)


listener = socket.create_server(("127.0.0.1", 0))
refusing = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], refusing.getsockname()[1], flush=True)
refusing.close()
line, _ = listener.accept()
log_in(line)
bind_id = hear(line, r"<iq[^>]*\bid=[\"']([^\"']*)").group(1)
line.sendall(
    f"<iq type='result' id='{bind_id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    "<jid>juliet@localhost/balcony</jid></bind></iq>".encode()
)
hear(line, "<enable")
line.sendall(b"<enabled xmlns='urn:xmpp:sm:3' resume='true' id='session-1'/><r xmlns='urn:xmpp:sm:3'/>")
hear(line, "<a ")
line.close()
line, _ = listener.accept()
log_in(line)
asked = hear(line, r"<resume[^>]*/>|<bind[^>]*>").group(0)
print("resume session-1" if "resume" in asked and "session-1" in asked else "bind" if "bind" in asked else asked)
line.close()
PY

gcc -o client client.c -Iroot/usr/include "$(find root -name 'libstrophe.so.0')" "$(find root -name 'libexpat.so.1')" \
  -Wl,--allow-shlib-undefined
export LD_LIBRARY_PATH="$work/$(dirname "$(find root -name 'libstrophe.so.0')"):$work/$(dirname "$(find root -name 'libexpat.so.1')")"

# What the connection after the first asks for; $1: which ports are dialled in between.
observe() {
  local out good bad asked
  exec {out}< <(python3 peer.py)
  read -r good bad <&"$out"
  if [ "$1" = refused ]; then timeout 30 ./client "$good" "$bad" "$good"; else timeout 30 ./client "$good" "$good"; fi
  read -r asked <&"$out"
  exec {out}<&-
  echo "$asked"
}

straight=$(observe straight)
refused=$(observe refused)
echo "libstrophe $version"
echo "dialled again at once:            $straight"
echo "dialled again after one refusal:  $refused"
[ "$straight" = "resume session-1" ] && [ "$refused" = bind ]
