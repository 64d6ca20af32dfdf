#!/usr/bin/env bash
# slixmpp 1.8.3 (Debian 12) cannot address a domain with a sharp s, and raises no InvalidJID for its A-label.
#
# In IDNA2008 (RFC 5894 §7.2) straße.example is a domain of its own, xn--strae-oqa.example in A-labels. slixmpp prepares domains
# by IDNA2003, where the sharp s stands for ss: an address at straße.example silently becomes one at strasse.example, which
# may be somebody else's. The A-label, which would say what is meant, raises a UnicodeError from inside of the codec, where the
# documentation has InvalidJID for whatever is no address; who catches that one alone is not prepared for it.
#
# Needs: Debian 12's apt sources and its python3.
# Seen on 2026-11-30:
#   romeo@straße.example         ->  romeo@strasse.example
#   romeo@xn--strae-oqa.example  ->  UnicodeError, not an InvalidJID
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download python3-slixmpp=1.8.3-1 python3-aiodns python3-pycares python3-pyasn1 python3-pyasn1-modules \
  python3-typing-extensions >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done

told=$(PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 - 2>/dev/null <<'PYTHON'
from slixmpp.jid import JID, InvalidJID

for address in ("romeo@straße.example", "romeo@xn--strae-oqa.example"):
    try:
        print(address, "->", JID(address))
    except Exception as error:
        print(address, "->", type(error).__name__, "an InvalidJID" if isinstance(error, InvalidJID) else "no InvalidJID")
PYTHON
)
echo "$told"
expected='romeo@straße.example -> romeo@strasse.example
romeo@xn--strae-oqa.example -> UnicodeError no InvalidJID'
[ "$told" = "$expected" ] || { echo "this is another behaviour than was seen" >&2; exit 1; }
