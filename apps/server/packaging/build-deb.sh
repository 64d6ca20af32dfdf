#!/bin/sh
# Builds a Debian package of the server: build-deb.sh FOLDER writes smacks_VERSION_ARCHITECTURE.deb there and prints its path.
# Needs a build (npm run build), dpkg-deb and what npm has in its cache or can fetch; no root.
set -eu
umask 022
into=$(cd "${1:?usage: build-deb.sh FOLDER}" && pwd)
cd "$(dirname "$0")"
here=$PWD
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

version=$(node -p 'require("../package.json").version')
architecture=$(dpkg --print-architecture)

# The packages of this repository and all that they need, without links to the outside.
mkdir -p "$root/usr/lib" "$root/usr/bin"
(cd ../../.. && npx --yes pnpm@10.34.9 --filter @smacks/server deploy --prod --legacy --prefer-offline \
  --reporter=silent "$root/usr/lib/smacks") >&2
# The replay page, which is not needed to run a server and so not built with it.
[ -f ../../console/dist/replay.html ] || (cd ../../.. && npm run --silent build:page) >&2
install -D -m 644 ../../console/dist/replay.html "$root/usr/lib/smacks/page/replay.html"
ln -s ../lib/smacks/bin/smacks.mjs "$root/usr/bin/smacks"

mkdir -p "$root/etc/smacks" "$root/usr/lib/systemd/system" "$root/usr/share/man/man1" "$root/usr/share/doc/smacks"
sed 's|^data = "./data"  |data = "/var/lib/smacks"|' ../smacks.example.toml >"$root/etc/smacks/smacks.toml"
grep -q '^data = "/var/lib/smacks"' "$root/etc/smacks/smacks.toml"
cp smacks.service "$root/usr/lib/systemd/system/"
node man-page.mjs | gzip -9n >"$root/usr/share/man/man1/smacks.1.gz"
cp ../../../LICENSE "$root/usr/share/doc/smacks/copyright"

mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: smacks
Version: $version
Architecture: $architecture
Maintainer: smacks <smacks@localhost>
Depends: nodejs (>= 20.19), adduser
Section: net
Priority: optional
Installed-Size: $(du -sk "$root" | cut -f1)
Description: XMPP server whose sessions resume (XEP-0198)
 Sessions survive broken lines, restarts and kill -9: nothing that was
 acknowledged is lost, doubled or reordered.
CONTROL
echo /etc/smacks/smacks.toml >"$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 755 "$here/debian/$script" "$root/DEBIAN/$script"; done

chmod -R u=rwX,go=rX "$root"
dpkg-deb --root-owner-group --build "$root" "$into/smacks_${version}_$architecture.deb" >&2
echo "$into/smacks_${version}_$architecture.deb"
