# shellcheck shell=bash
# The Docker engine: the one that runs, whoever started it, else one of our own from Debian's packages.

ENGINE=$CACHE/engine         # root/ the packages' files, data/ the engine's data, run/ pid file and log
ENGINE_CONFIG=$ENGINE/daemon.json
ENGINE_PACKAGES='docker.io docker-cli containerd tini docker-buildx docker-compose docker-registry'
ENGINE_SOCKET=/var/run/docker.sock
ENGINE_RUN=/var/run/berth # short: socket paths have a limit
ENGINE_UNIT=berth-engine.service

# the kit's own docker command, else the machine's
docker_command() {
  if [ -x "$ENGINE/root/usr/bin/docker" ]; then printf '%s' "$ENGINE/root/usr/bin/docker"; else type -P docker; fi
}
docker() { "$(docker_command)" "$@"; }

engine_is_ours() { runs "$ENGINE/run/dockerd.pid" "$ENGINE_CONFIG"; }

# engine_version: of the engine that the usual settings reach (DOCKER_HOST, docker context, default socket)
engine_version() {
  [ -n "$(docker_command)" ] || return 1
  docker version --format '{{.Server.Version}}' 2>/dev/null
}

# engine_endpoint: where that is, when it is not the default socket
engine_endpoint() {
  local at=${DOCKER_HOST:-}
  [ -n "$at" ] || at=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || at=''
  case $at in "unix://$ENGINE_SOCKET" | unix:///run/docker.sock) at='' ;; esac
  printf '%s' "$at"
}

# engine_refusal: why this machine cannot get an engine from the kit, empty if it can
engine_refusal() {
  if is_debian && is_root; then return; fi
  if is_debian; then
    echo 'no Docker engine answers, and only root can set one up.'
    echo 'Run this again as root (sudo); or start Docker; or, if it runs, become a member of the group "docker".'
  else
    echo 'no Docker engine answers, and the kit can set one up on Debian 12 and 13 only.'
    echo "Start Docker, or install it: Docker Engine 25 or newer with its buildx plugin, from Docker's own installation"
    echo 'page for your system (or Docker Desktop, or the packages docker and docker-buildx of your distribution).'
    echo 'Then run this again.'
  fi
}

engine_missing() { [ -n "$(engine_version)" ] || echo 'engine: no Docker engine is running'; }

# engine_ensure: a step
engine_ensure() {
  local version refusal
  if version=$(engine_version); then
    if ! engine_is_ours; then done_step "docker $version is running, used as it is"; return; fi
    registry_ensure
    link_plugins
    done_step "up to date: docker $version is running"
    return
  fi
  if [ -n "${DOCKER_HOST:-}" ] && [ "$DOCKER_HOST" != "unix://$ENGINE_SOCKET" ]; then
    die "DOCKER_HOST is $DOCKER_HOST, and no engine answers there." 'Start that engine, or unset DOCKER_HOST.'
  fi
  refusal=$(engine_refusal)
  if [ -n "$refusal" ]; then die "$(head -n 1 <<<"$refusal")" "$(tail -n +2 <<<"$refusal" | sed "2,\$s/^/       /")"; fi
  engine_packages
  link_plugins
  # With the packages comes a docker command: only now can an engine be seen that runs without one.
  if version=$(engine_version); then done_step "docker $version is running, used as it is"; return; fi
  registry_ensure
  engine_start
  done_step "started docker $(engine_version)"
}

# engine_packages: download and unpack once; an engine that runs from them keeps them
engine_packages() {
  local new release key
  release=$(os_field VERSION_CODENAME)
  key=$(key_of "$release $ENGINE_SUITE $ENGINE_PACKAGES $(dpkg --print-architecture)")
  need_command iptables iptables
  if has_key "$ENGINE/root" "$key" || engine_is_ours; then return; fi
  need_space 4 'The engine with its images'
  doing 'downloading docker'
  new=$(fresh_tmp engine)
  # shellcheck disable=SC2086 # a list of packages
  unpack_debs "$ENGINE_SUITE" "$new" $ENGINE_PACKAGES
  # runc is linked to the C library of its release, the other programs run on older ones too
  unpack_debs "$release" "$new" runc
  rm -rf "${new:?}/usr/share" "${new:?}/etc"
  [ -e "$new/usr/bin/docker-init" ] || ln -s tini-static "$new/usr/bin/docker-init"
  mkdir -p "$ENGINE/run"
  replace "$new" "$ENGINE/root"
  mark_key "$ENGINE/root" "$key"
}

# engine_path: the programs that dockerd starts, ours first
engine_path() { printf '%s' "$ENGINE/root/usr/sbin:$ENGINE/root/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin"; }

# engine_config: the usual pools of addresses are used up by some thirty networks, which are seven stages; these hold 512, beside 172.17.0.0, where
# engines have their own bridge, and leave 172.20.0.0 and up to others
engine_config() {
  cat <<JSON
{
  "data-root": "$ENGINE/data",
  "exec-root": "$ENGINE_RUN",
  "pidfile": "$ENGINE/run/dockerd.pid",
  "hosts": ["unix://$ENGINE_SOCKET"],
  "registry-mirrors": ["http://localhost:$(registry_port)"],
  "default-address-pools": [{"base": "172.18.0.0/15", "size": 24}],
  "builder": {"gc": {"enabled": true, "defaultKeepStorage": "8GB"}}
}
JSON
}

engine_start() {
  local log=$ENGINE/run/dockerd.log tries=300
  doing 'starting docker'
  mkdir -p "$ENGINE/run"
  engine_config >"$ENGINE_CONFIG.tmp" && mv -f "$ENGINE_CONFIG.tmp" "$ENGINE_CONFIG"
  # dockerd believes any pid file whose pid is in use, even when that is another program or a zombie by now, and waits
  # in vain for a containerd that a killed dockerd left behind half alive
  rm -f "$ENGINE/run/dockerd.pid"
  stop_process "$ENGINE_RUN/containerd/containerd.pid" "$ENGINE_RUN/"
  : >"$log"
  if runs_systemd; then
    engine_unit >"/etc/systemd/system/$ENGINE_UNIT"
    systemctl daemon-reload
    systemctl enable --quiet "$ENGINE_UNIT"
    systemctl restart "$ENGINE_UNIT" || :
  else
    launch "$log" env PATH="$(engine_path)" dockerd --config-file "$ENGINE_CONFIG"
  fi
  until engine_version >/dev/null; do
    sleep 0.1
    if [ $((tries -= 1)) -gt 200 ] || { engine_is_ours && [ $tries -gt 0 ]; }; then continue; fi
    if runs_systemd; then journalctl -u "$ENGINE_UNIT" -n 20 --no-pager -o cat >"$log" || :; fi
    die "the Docker engine did not start; the end of $log:" "$(tail -n 6 "$log")" \
      'It needs root in the real machine or a privileged container, with cgroups and overlayfs.'
  done
}

engine_unit() {
  cat <<UNIT
[Unit]
Description=Docker engine of berth (offline kit)
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
Environment="PATH=$(engine_path)"
ExecStart="$ENGINE/root/usr/sbin/dockerd" --config-file "$ENGINE_CONFIG"
Delegate=yes
KillMode=process
LimitNOFILE=infinity
TasksMax=infinity
TimeoutStartSec=60
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
}

# engine_stop: containers first, for they would otherwise live on in what is about to be removed
engine_stop() {
  if engine_is_ours; then docker ps --quiet | xargs -r "$(docker_command)" stop --time 20 >/dev/null || :; fi
  if grep -qsF -- "$ENGINE_CONFIG" "/etc/systemd/system/$ENGINE_UNIT"; then
    systemctl disable --quiet --now "$ENGINE_UNIT" || :
    rm -f "/etc/systemd/system/$ENGINE_UNIT"
    systemctl daemon-reload || :
  fi
  stop_process "$ENGINE/run/dockerd.pid" "$ENGINE_CONFIG"
}

plugin_folder() { printf '%s' "${DOCKER_CONFIG:-$HOME/.docker}/cli-plugins"; }

# link_plugins: `docker buildx` and `docker compose`, in the user's own plugin folder, where the machine has none:
# another DOCKER_CONFIG would hide the user's logins
link_plugins() {
  local plugin from
  mkdir -p "$CACHE/bin"
  if ! PATH=${PATH//$CACHE\/bin:/} has docker; then ln -sfn "$ENGINE/root/usr/bin/docker" "$CACHE/bin/docker"; fi
  for plugin in docker-buildx docker-compose; do
    from=$ENGINE/root/usr/libexec/docker/cli-plugins/$plugin
    [ -x "$from" ] || continue
    if [ -e "$(plugin_folder)/$plugin" ] || docker "${plugin#docker-}" version >/dev/null 2>&1; then continue; fi
    mkdir -p "$(plugin_folder)"
    ln -sfn "$from" "$(plugin_folder)/$plugin"
  done
}
