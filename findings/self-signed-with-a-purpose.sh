#!/usr/bin/env bash
# A server's certificate that signs itself and states its purpose (extendedKeyUsage serverAuth, which Apple's systems demand) is
# taken by OpenSSL 3.0 as the one thing to trust, whatever its CA flag says. Without the flag GnuTLS 3.7.9 says that its issuer is no CA, and
# NSS 3.87 that its issuer is invalid (it takes it only as a "trusted peer"); with the flag NSS says that its type is not approved, and
# takes it once the purpose is left out. So no such certificate with a purpose is an anchor for all three; a pair of an authority
# and what it signed is.
#
# Needs: Debian 12's apt sources, openssl. Seen on 2026-12-01, imported as an authority (in NSS with the trust "C"):
#   CA:FALSE, serverAuth, signed by itself: OpenSSL yes, GnuTLS no, NSS no
#   CA:TRUE, serverAuth, signed by itself: OpenSSL yes, GnuTLS yes, NSS no
#   CA:TRUE, no purpose, signed by itself: OpenSSL yes, GnuTLS yes, NSS yes
#   CA:FALSE, serverAuth, signed by an authority: OpenSSL yes, GnuTLS yes, NSS yes
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -o APT::Sandbox::User=root \
  gnutls-bin=3.7.9-2+deb12u7 libgnutls30 libgnutls-dane0 libunbound8 libopts25 libtasn1-6 \
  libnss3-tools=2:3.87.1-1+deb12u4 libnss3 libnspr4 >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu PATH=$work/root/usr/bin:$PATH

make() { # NAME CA [arguments]
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout "$1.key" -out "$1.pem" \
    -addext "basicConstraints=critical,CA:$2" "${@:3}" 2>/dev/null
}
server=(-subj /CN=localhost -addext subjectAltName=DNS:localhost)
purpose=(-addext extendedKeyUsage=serverAuth)
make alone FALSE "${server[@]}" "${purpose[@]}"
make both TRUE "${server[@]}" "${purpose[@]}"
make silent TRUE "${server[@]}"
make authority TRUE -subj /CN=Authority -addext keyUsage=critical,keyCertSign
make signed FALSE "${server[@]}" "${purpose[@]}" -CA authority.pem -CAkey authority.key

takes() { "$@" >/dev/null 2>&1 && echo yes || echo no; }
by_nss() { # AUTHORITY SERVER
  local store
  store=$(mktemp -d "$work/nss-XXXX")
  certutil -N -d "$store" --empty-password
  certutil -A -d "$store" -n authority -t C,, -i "$1"
  [ "$1" = "$2" ] || certutil -A -d "$store" -n server -t ,, -i "$2"
  certutil -V -d "$store" -n "$([ "$1" = "$2" ] && echo authority || echo server)" -u V
}
judge() { # WHAT AUTHORITY SERVER
  echo "$1: OpenSSL $(takes openssl verify -purpose sslserver -CAfile "$2" "$3"), GnuTLS $(takes certtool --verify \
    --verify-hostname localhost --load-ca-certificate "$2" --infile "$3"), NSS $(takes by_nss "$2" "$3")"
}
seen=$(
  judge 'CA:FALSE, serverAuth, signed by itself' alone.pem alone.pem
  judge 'CA:TRUE, serverAuth, signed by itself' both.pem both.pem
  judge 'CA:TRUE, no purpose, signed by itself' silent.pem silent.pem
  judge 'CA:FALSE, serverAuth, signed by an authority' authority.pem signed.pem
)
echo "$seen"
[ "$seen" = "CA:FALSE, serverAuth, signed by itself: OpenSSL yes, GnuTLS no, NSS no
CA:TRUE, serverAuth, signed by itself: OpenSSL yes, GnuTLS yes, NSS no
CA:TRUE, no purpose, signed by itself: OpenSSL yes, GnuTLS yes, NSS yes
CA:FALSE, serverAuth, signed by an authority: OpenSSL yes, GnuTLS yes, NSS yes" ]
