#!/usr/bin/env bash
# Node 20.20.2: domainToASCII and URL accept labels that mix directions of writing.
#
# UTS #46 with CheckBidi, which the URL standard asks for, has RFC 5893's Bidi Rule: a label that begins with a letter from left to
# right has none from right to left, and none of a domain that has some begins with a digit. Node refuses the label where it
# begins from right to left (אa) or has Arabic digits inside (a١b), and takes it where it begins otherwise (aא, 1א). So whoever
# validates domains of addresses (RFC 7622 §3.2) by the platform's IDNA has to look at the Bidi Rule themselves; tr46, the
# library of jsdom, does.
#
# Needs: npm, and network for two packages. Seen on 2026-11-30:
#   aא.example   Node: xn--a-0hc.example   tr46: null
#   1א.example   Node: xn--1-0hc.example   tr46: null
#   אa.example   Node: none                tr46: null
#   אב.example   Node: xn--4dbc.example    tr46: xn--4dbc.example
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit node@20.20.2 tr46@6.0.0 >/dev/null 2>&1 || npm install --silent tr46@6.0.0 >/dev/null
node=./node_modules/node/bin/node
[ -x "$node" ] || node=node

cat >labels.mjs <<'JS'
import { domainToASCII } from 'node:url'
import tr46 from 'tr46'

for (const domain of ['aא', '1א', 'אa', 'אב'].map(label => `${label}.example`))
  console.log(`${domain} Node: ${domainToASCII(domain) || 'none'} tr46: ${tr46.toASCII(domain, { checkBidi: true })}`)
JS

"$node" --version
told=$("$node" labels.mjs)
echo "$told"
expected='aא.example Node: xn--a-0hc.example tr46: null
1א.example Node: xn--1-0hc.example tr46: null
אa.example Node: none tr46: null
אב.example Node: xn--4dbc.example tr46: xn--4dbc.example'
[ "$told" = "$expected" ] || { echo "this is another behaviour than was seen" >&2; exit 1; }
