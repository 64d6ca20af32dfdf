#!/usr/bin/env bash
# Prosody 0.12.3 (Debian 12) takes a domain in A-labels and the same domain in U-labels for two.
#
# RFC 7622 §3.2 has one form of an internationalised domain in addresses, U-labels, and A-labels converted to it. Prosody
# prepares addresses with nameprep alone, which leaves A-labels as they are, so romeo@xn--bcher-kva.example is not
# romeo@bücher.example: it is another account, another contact on a roster, another key of dialback. slixmpp, beside it,
# converts. Whoever talks to Prosody about such a domain has to use the form that its operator put into the configuration.
#
# Needs: Debian 12's apt sources. Seen on 2026-11-30:
#   romeo@xn--bcher-kva.example  ->  romeo@xn--bcher-kva.example
#   romeo@bücher.example         ->  romeo@bücher.example
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download prosody=0.12.3-1+deb12u1 lua5.4 libicu72 >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done

cat >prepared.lua <<'LUA'
local root = "root/usr/lib/prosody/"
package.path, package.cpath = root .. "?.lua;" .. package.path, root .. "?.so;" .. package.cpath
local prep = require "util.jid".prep
for _, address in ipairs { "romeo@xn--bcher-kva.example", "romeo@bücher.example" } do
	print(("%s -> %s"):format(address, prep(address)))
end
LUA

told=$(LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu) root/usr/bin/lua5.4 prepared.lua)
echo "$told"
expected='romeo@xn--bcher-kva.example -> romeo@xn--bcher-kva.example
romeo@bücher.example -> romeo@bücher.example'
[ "$told" = "$expected" ] || { echo "this is another behaviour than was seen" >&2; exit 1; }
