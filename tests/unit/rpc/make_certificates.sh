#!/bin/sh
# Makes what the transport's tests need in the folder $1: a CA, a server, members, and certificates that
# must not be accepted. Keys are P-256; everything is throw-away.
set -eu
cd "$1"

key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null ||
        openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

ca() { # NAME
    key "$1"
    openssl req -x509 -new -key "$1.key" -subj "/CN=test CA $1" -days 30 -out "$1.pem" 2>/dev/null
}

leaf() { # NAME CA DAYS SUBJECT-ALTERNATIVE-NAMES
    key "$1"
    openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
    printf 'subjectAltName=%s\n' "$4" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$3" \
        -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}

ca ca
ca foreign-ca
leaf server ca 30 'DNS:localhost,IP:127.0.0.1'
leaf server-elsewhere ca 30 'DNS:elsewhere.example'
leaf server-expired ca -1 'DNS:localhost,IP:127.0.0.1'
leaf analyst ca 30 'URI:sealroom://retailer/analyst,URI:urn:second,DNS:not-a-uri'
leaf expired ca -1 'URI:sealroom://retailer/analyst'
leaf foreign foreign-ca 30 'URI:sealroom://retailer/analyst'
openssl x509 -in analyst.pem -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' |
    tr 'A-F' 'a-f' | tr -d '\n' >analyst.fingerprint
openssl pkcs8 -topk8 -in analyst.key -passout pass:x -out encrypted.key
