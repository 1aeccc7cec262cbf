#!/bin/sh
# Arguments that are no command are node's.
set -e
case ${1:-} in
  -* | '') set -- node "$@" ;;
  *) if ! command -v "$1" >/dev/null 2>&1 || { [ -f "$1" ] && ! [ -x "$1" ]; }; then set -- node "$@"; fi ;;
esac
exec "$@"
