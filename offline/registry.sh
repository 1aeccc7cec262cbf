# shellcheck shell=bash
# The registry on 127.0.0.1 that our own engine asks first: what is pushed there is pulled by its official name.

REGISTRY=$CACHE/registry # data/, config.yml, port, run/ pid file and log

registry_port() { cat "$REGISTRY/port" 2>/dev/null || printf 5000; }
registry_is_ours() { runs "$REGISTRY/run/registry.pid" "$REGISTRY/config.yml"; }
port_is_taken() { (exec 5<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# registry_ensure: it runs; on 5000, else on a free port that is remembered
registry_ensure() {
  local port tries=100
  registry_is_ours && return 0
  port=$(registry_port)
  while port_is_taken "$port"; do port=$((port + 1)); done
  mkdir -p "$REGISTRY/run" "$REGISTRY/data"
  printf '%s\n' "$port" >"$REGISTRY/port.tmp" && mv -f "$REGISTRY/port.tmp" "$REGISTRY/port"
  registry_config "$port" >"$REGISTRY/config.yml"
  launch "$REGISTRY/run/registry.log" "$ENGINE/root/usr/bin/docker-registry" serve "$REGISTRY/config.yml"
  printf '%s\n' "$!" >"$REGISTRY/run/registry.pid"
  until port_is_taken "$port"; do
    [ $((tries -= 1)) -gt 0 ] || die "the local registry did not start; the end of its log:" \
      "$(tail -n 4 "$REGISTRY/run/registry.log")"
    sleep 0.1
  done
}

registry_config() {
  cat <<YAML
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: "$REGISTRY/data"}
  delete: {enabled: true}
http: {addr: "127.0.0.1:$1"}
YAML
}

registry_stop() { stop_process "$REGISTRY/run/registry.pid" "$REGISTRY/config.yml"; }
