#!/usr/bin/env bash
# RFC 7622 has obsoleted stringprep for the user's part of a JID since 2015, and under it the German "strauß" and a Greek
# name that ends in a sigma are users of their own. Nobody here has followed: Prosody 0.12.3, ejabberd 23.01, slixmpp 1.8.3,
# aioxmpp 0.13.3, nbxmpp 4.2.2 (Gajim; it has PRECIS too, and asks it only for what stringprep refuses) and stanza 12.22
# fold ß to ss and the final sigma to the other. So a server that goes by the newer RFC and gives somebody the account
# strauß has a user whom people with these clients cannot write to: what they write goes to strauss, if there is one.
# @xmpp/jid 0.14.0 has toLowerCase(), which is what PRECIS asks for, so the JID that it makes of its own user is not the one
# that these servers bind.
#
# Needs: Debian 12's apt sources and python3, Node 20, npm. Seen on 2026-11-30, of "strauß" and "ΟΔΥΣΣΕΥΣ":
#   precis-i18n, UsernameCaseMapped: strauß οδυσσευς
#   Prosody: strauss οδυσσευσ
#   ejabberd: strauss οδυσσευσ
#   slixmpp: strauss οδυσσευσ
#   aioxmpp: strauss οδυσσευσ
#   nbxmpp: strauss οδυσσευσ
#   stanza: strauss οδυσσευσ
#   @xmpp/jid: strauß οδυσσευς
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -o APT::Sandbox::User=root \
  prosody=0.12.3-1+deb12u1 lua5.4 libicu72 erlang-base erlang-p1-{stringprep,utils,xml,tls,yconf,stun,zlib} erlang-p1-xmpp=1.6.1-1 \
  erlang-{asn1,crypto,public-key,ssl,idna,unicode-util-compat} \
  python3-slixmpp=1.8.3-1 python3-slixmpp-lib=1.8.3-1+b1 python3-aiodns python3-pycares libc-ares2 libidn12 \
  python3-aioxmpp=0.13.3-1 python3-{aioopenssl,aiosasl,babel,cffi-backend,cryptography,dnspython,lxml,multidict,openssl} \
  python3-{pkg-resources,pyasn1,pyasn1-modules,pytz-deprecation-shim,sortedcollections,sortedcontainers,tz,tzlocal} \
  python-babel-localedata libxml2 libxslt1.1 \
  python3-nbxmpp=4.2.2-2 python3-{gi,idna,packaging} python3-precis-i18n=1.0.5-2 \
  gir1.2-{soup-3.0,glib-2.0} libsoup-3.0-{0,common} libgirepository-1.0-1 libnghttp2-14 libpsl5 libsqlite3-0 >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/x86_64-linux-gnu
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @xmpp/jid@0.14.0 stanza@12.22.1 >/dev/null

cat >prosody.lua <<'LUA'
local prep = require "util.encodings".stringprep.nodeprep
print("Prosody: " .. prep("strauß") .. " " .. prep("ΟΔΥΣΣΕΥΣ"))
LUA
cat >clients.py <<'PY'
import logging

logging.disable(logging.CRITICAL)
import aioxmpp
import slixmpp
from nbxmpp.protocol import JID
from precis_i18n import get_profile

for name, prepared in (
    ("precis-i18n, UsernameCaseMapped", get_profile("UsernameCaseMapped").enforce),
    ("slixmpp", lambda user: slixmpp.JID(user + "@localhost").local),
    ("aioxmpp", lambda user: aioxmpp.JID.fromstr(user + "@localhost").localpart),
    ("nbxmpp", lambda user: JID.from_string(user + "@localhost").localpart),
):
    print(f"{name}:", prepared("strauß"), prepared("ΟΔΥΣΣΕΥΣ"))
PY
cat >clients.mjs <<'JS'
import jid from '@xmpp/jid'
import { JID } from 'stanza'

const both = prepared => `${prepared('strauß@localhost')} ${prepared('ΟΔΥΣΣΕΥΣ@localhost')}`
console.log(`stanza: ${both(text => JID.getLocal(text))}`)
console.log(`@xmpp/jid: ${both(text => jid(text).local)}`)
JS

with=(env LD_LIBRARY_PATH="$libraries")
seen=$(
  "${with[@]}" LUA_CPATH="$work/root/usr/lib/prosody/?.so" root/usr/bin/lua5.4 prosody.lua
  "${with[@]}" HOME="$work" ROOTDIR="$work/root/usr/lib/erlang" BINDIR="$(echo "$work"/root/usr/lib/erlang/erts-*/bin)" \
    EMU=beam PROGNAME=erl "$work"/root/usr/lib/erlang/erts-*/bin/erlexec -noshell -eval '
      ok = io:setopts([{encoding, unicode}]), {ok, _} = application:ensure_all_started(xmpp),
      io:format("ejabberd: ~ts ~ts~n", [jid:nodeprep(unicode:characters_to_binary(Name)) || Name <-
        ["strau" ++ [16#df], [16#39f, 16#394, 16#3a5, 16#3a3, 16#3a3, 16#395, 16#3a5, 16#3a3]]]), halt().'
  "${with[@]}" PYTHONPATH="$work/root/usr/lib/python3/dist-packages" GI_TYPELIB_PATH="$libraries/girepository-1.0" \
    /usr/bin/python3 clients.py
  node clients.mjs
)
echo "$seen"
[ "$(sort <<<"$seen")" = "$(
  sort <<'TEXT'
precis-i18n, UsernameCaseMapped: strauß οδυσσευς
Prosody: strauss οδυσσευσ
ejabberd: strauss οδυσσευσ
slixmpp: strauss οδυσσευσ
aioxmpp: strauss οδυσσευσ
nbxmpp: strauss οδυσσευσ
stanza: strauss οδυσσευσ
@xmpp/jid: strauß οδυσσευς
TEXT
)" ]
