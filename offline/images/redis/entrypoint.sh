#!/bin/sh
# redis-server without root. The official build has protected mode off by default, so it is said here unless the caller
# says something else, in an argument or in the configuration file.
set -e

case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "${1:-}" = redis-server ]; then
  configuration='' stated=''
  for argument in "$@"; do
    case $argument in
      *.conf) configuration=$argument ;;
      --protected-mode | --sentinel | --version | -v | --help | -h | --test-memory | --check-system) stated=yes ;;
    esac
  done
  if [ -n "$configuration" ] && grep -qs '^[[:space:]]*protected-mode' "$configuration"; then stated=yes; fi
  [ -n "$stated" ] || set -- "$@" --protected-mode no
  # what the server writes is nobody else's to read
  if [ "$(umask)" = 0022 ]; then umask 0077; fi
  if [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis {} +
    # not through this script again: the arguments are complete
    exec gosu redis "$@"
  fi
fi
exec "$@"
