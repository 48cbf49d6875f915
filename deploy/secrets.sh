#!/bin/sh
# Adds to .env, in the folder where it is called, the secrets of docker-compose.yml that are not there yet, made anew.
# They are parts of addresses: one of your own must be of letters and digits alone.
set -eu
umask 077

secret() {
  LC_ALL=C tr -dc 'a-zA-Z0-9' < /dev/urandom | dd bs=1 count=32 2>/dev/null
}

touch .env
# The last line may lack its end.
[ -z "$(tail -c 1 .env)" ] || echo >> .env
for name in PARLEY_ADMIN_KEY PARLEY_TOKEN_SECRET MYSQL_ROOT_PASSWORD MYSQL_PASSWORD REDIS_PASSWORD NATS_PASSWORD ELASTIC_PASSWORD; do
  grep -q "^$name=." .env || echo "$name=$(secret)" >> .env
done
