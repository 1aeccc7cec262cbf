#!/bin/bash
# First start: make the cluster, the superuser and the database, run the init scripts. Then the server.
set -Eeo pipefail

# from_file NAME: the value of NAME is in the file NAME_FILE
from_file() {
  local name=$1 file=${1}_FILE
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then
    echo >&2 "error: $name and $file are both set; set one of them"
    exit 1
  fi
  if [ -n "${!file:-}" ]; then export "$name"="$(<"${!file}")"; fi
  unset "$file"
}

# docker_process_sql ARGUMENT...: psql as the superuser; init scripts that are sourced call it by this name
docker_process_sql() {
  psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"
}

# The folders of the server. A user who may not change them finds them ready or hears it from initdb.
prepare_folders() {
  local folders=("$PGDATA" /var/run/postgresql)
  if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then folders+=("$POSTGRES_INITDB_WALDIR"); fi
  mkdir -p "${folders[@]}" 2>/dev/null || :
  chmod 0700 "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} 2>/dev/null || :
  chmod 3775 /var/run/postgresql 2>/dev/null || :
  if [ "$(id -u)" = 0 ]; then find "${folders[@]}" ! -user postgres -exec chown postgres {} +; fi
}

make_cluster() {
  local waldir=() arguments=()
  if ! getent passwd "$(id -u)" >/dev/null; then # an arbitrary --user: initdb wants a name for it
    for library in /usr/lib/*/libnss_wrapper.so; do export LD_PRELOAD=$library; done
    NSS_WRAPPER_PASSWD=$(mktemp) NSS_WRAPPER_GROUP=$(mktemp)
    export NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$NSS_WRAPPER_PASSWD"
    echo "postgres:x:$(id -g):" >"$NSS_WRAPPER_GROUP"
  fi
  if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then waldir=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
  eval "arguments=(${POSTGRES_INITDB_ARGS:-})"
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${waldir[@]}" "${arguments[@]}"
  if [ -n "${NSS_WRAPPER_PASSWD:-}" ]; then
    rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"
    unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
  fi
  : "${POSTGRES_HOST_AUTH_METHOD:=$(postgres -C password_encryption)}"
  printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >>"$PGDATA/pg_hba.conf"
}

run_init_scripts() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh)
        if [ -x "$file" ]; then
          echo "init: running $file"
          "$file"
        else
          echo "init: sourcing $file"
          # shellcheck source=/dev/null
          . "$file"
        fi
        ;;
      *.sql) echo "init: $file"; docker_process_sql -f "$file" ;;
      *.sql.gz) echo "init: $file"; gunzip -c "$file" | docker_process_sql ;;
      *.sql.xz) echo "init: $file"; xzcat "$file" | docker_process_sql ;;
      *.sql.zst) echo "init: $file"; zstd -dc "$file" | docker_process_sql ;;
      *'/*') ;;
      *) echo "init: ignoring $file" ;;
    esac
  done
}

first_start() {
  local name
  for name in POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB POSTGRES_INITDB_ARGS; do from_file $name; done
  export POSTGRES_USER=${POSTGRES_USER:-postgres}
  export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    echo >&2 'error: the database is uninitialized and POSTGRES_PASSWORD is empty;' \
      'set it (or POSTGRES_PASSWORD_FILE), or POSTGRES_HOST_AUTH_METHOD=trust'
    exit 1
  fi
  make_cluster
  # Not on the network yet: what waits for the port finds the server only when everything is in place.
  PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -o "$(printf '%q ' "${@:2}" -c listen_addresses= -p "${PGPORT:-5432}")" \
    -w start
  export PGPASSWORD=${PGPASSWORD:-${POSTGRES_PASSWORD:-}}
  unset PGHOST PGHOSTADDR
  if [ "$POSTGRES_DB" != postgres ]; then
    docker_process_sql --dbname postgres --set name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
  fi
  run_init_scripts
  PGUSER=$POSTGRES_USER pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
  echo 'PostgreSQL init process complete; ready for start up.'
}

case ${1:-} in -*) set -- postgres "$@" ;; esac
for argument in "$@"; do
  case $argument in -'?' | --help | -V | --version | --describe-config) exec "$@" ;; esac
done
[ "${1:-}" = postgres ] || exec "$@"
prepare_folders
if [ "$(id -u)" = 0 ]; then exec gosu postgres "${BASH_SOURCE[0]}" "$@"; fi
if [ -s "$PGDATA/PG_VERSION" ]; then
  echo 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
else
  first_start "$@"
fi
exec "$@"
