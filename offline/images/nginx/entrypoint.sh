#!/bin/sh
# Before nginx starts: run the hooks of /docker-entrypoint.d, render the templates; then the command itself.
set -e

note() { if [ -z "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ]; then echo "$0: $*"; fi; }

# DNS servers of the container as ${NGINX_LOCAL_RESOLVERS}, for templates
resolvers() {
  [ -n "${NGINX_ENTRYPOINT_LOCAL_RESOLVERS:-}" ] || return 0
  NGINX_LOCAL_RESOLVERS=$(awk '$1 == "nameserver" { print ($2 ~ ":") ? "[" $2 "]" : $2 }' /etc/resolv.conf | xargs)
  export NGINX_LOCAL_RESOLVERS
}

# /etc/nginx/templates/a/b.conf.template -> /etc/nginx/conf.d/a/b.conf; only variables that are set are replaced
templates() {
  from=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
  to=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
  suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
  [ -d "$from" ] || return 0
  if [ ! -w "$to" ]; then
    note "templates are not rendered: $to is not writable"
    return 0
  fi
  names=$(awk 'BEGIN { for (name in ENVIRON) print name }' | grep -E '^[A-Za-z_][A-Za-z0-9_]*$' |
    grep -E "${NGINX_ENVSUBST_FILTER:-.}" | sed 's/.*/${&}/' | tr '\n' ' ') || names=' '
  find "$from" -follow -type f -name "*$suffix" | sort | while IFS= read -r template; do
    file=${template#"$from"/}
    file=$to/${file%"$suffix"}
    mkdir -p "$(dirname "$file")"
    note "rendering $template to $file"
    envsubst "$names" <"$template" >"$file"
  done
}

case ${1##*/} in
  nginx | nginx-debug)
    resolvers
    templates
    for hook in /docker-entrypoint.d/*; do
      [ -x "$hook" ] || continue
      case $hook in
        *.envsh)
          note "sourcing $hook"
          # shellcheck source=/dev/null
          . "$hook"
          ;;
        *.sh)
          note "running $hook"
          "$hook"
          ;;
      esac
    done
    ;;
esac
exec "$@"
