#!/usr/bin/env bash
# Writes the certificates of a cluster: its own authority, one for each broker and replica of ClickHouse, one for each service. The common name is the Kafka principal.
#
#   deploy/cluster/certificates.sh FOLDER [DAYS]
#
# What exists is kept, so a service can be added later. The authority's key (FOLDER/authority/key.pem) belongs on no server.
set -euo pipefail
folder=${1:?give the folder to write to}
days=${2:-825}
umask 077
mkdir -p "$folder/authority"

key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

authority() {
  [ -e "$folder/authority/cert.pem" ] && return
  key "$folder/authority/key.pem"
  openssl req -x509 -new -key "$folder/authority/key.pem" -subj "/CN=thidua authority" -days 3650 \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -out "$folder/authority/cert.pem"
}

# signed NAME COMMON-NAME OWNER [HOST...]: NAME/key.pem, NAME/cert.pem and NAME/ca.pem, and for brokers both in NAME/keystore.pem
signed() {
  local into="$folder/$1" name=$2 owner=$3
  shift 3
  [ -e "$into/cert.pem" ] && return
  mkdir -p "$into"
  key "$into/key.pem"
  local usage=clientAuth hosts=
  for host in "$@"; do hosts+="${hosts:+,}$host" usage=serverAuth,clientAuth; done
  openssl req -new -key "$into/key.pem" -subj "/CN=$name" -out "$into/request.pem"
  openssl x509 -req -in "$into/request.pem" -CA "$folder/authority/cert.pem" -CAkey "$folder/authority/key.pem" \
    -CAcreateserial -days "$days" -out "$into/cert.pem" \
    -extfile <(printf 'extendedKeyUsage=%s\n' "$usage"; [ -z "$hosts" ] || printf 'subjectAltName=%s\n' "$hosts") 2>/dev/null
  rm "$into/request.pem"
  cp "$folder/authority/cert.pem" "$into/ca.pem"
  [ -z "$hosts" ] || cat "$into/key.pem" "$into/cert.pem" > "$into/keystore.pem"
  # the containers' users must be able to read them, and nobody else
  if [ "$(id -u)" = 0 ]; then chown -R "$owner" "$into"; else echo "give $into to $owner: chown -R $owner $into"; fi
}

authority
for broker in kafka kafka-2 kafka-3; do signed "$broker" kafka 1000:1000 "DNS:$broker" DNS:localhost IP:127.0.0.1; done
for replica in clickhouse clickhouse-2; do signed "$replica" "$replica" 101:101 "DNS:$replica" DNS:localhost IP:127.0.0.1; done
signed grafana grafana 472:0
for service in ingest scoring storage api alerting office deploy admin; do signed "$service" "$service" 10001:10001; done
