# shellcheck shell=bash
# .berth/env of the checkout: what a shell needs to find engine and programs of the kit. POSIX sh, for `. .berth/env`.

environment_file() { printf '%s' "$CHECKOUT/.berth/env"; }

quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

environment_text() {
  local endpoint
  echo '# Made by offline/setup. Source it:  . .berth/env'
  # shellcheck disable=SC2016 # written out, not expanded here
  echo '_berth_path() { case ":$PATH:" in *":$1:"*) ;; *) PATH=$1:$PATH ;; esac; }'
  [ ! -d "$CACHE/bin" ] || echo "_berth_path $(quoted "$CACHE/bin")"
  if [ -z "$(installed_pulumi)" ]; then
    echo "_berth_path $(quoted "$(toolchain_folder)")"
    echo "export PULUMI_HOME=$(quoted "$KIT_PULUMI_HOME")"
    echo 'export PULUMI_SKIP_UPDATE_CHECK=true PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true'
  fi
  echo "_berth_path $(quoted "$CHECKOUT/.venv/bin")"
  # The provider knows DOCKER_HOST and the default socket, but no docker contexts.
  endpoint=$(engine_endpoint)
  [ -z "$endpoint" ] || echo "export DOCKER_HOST=$(quoted "$endpoint")"
  # A dev stage has the empty passphrase. As a file: a variable, also an empty one, would override the file that somebody names later.
  # shellcheck disable=SC2016
  echo 'if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}${PULUMI_CONFIG_PASSPHRASE_FILE+set}" ]; then
  export PULUMI_CONFIG_PASSPHRASE_FILE=/dev/null
fi
export PATH
unset -f _berth_path'
}

environment_missing() {
  if [ "$(cat "$(environment_file)" 2>/dev/null)" = "$(environment_text)" ]; then return; fi
  echo 'environment: .berth/env is not written'
}

# write_environment: only when it says something new, and never half of it
write_environment() {
  local file text
  file=$(environment_file)
  text=$(environment_text)
  if [ "$(cat "$file" 2>/dev/null)" = "$text" ]; then return; fi
  mkdir -p "${file%/*}"
  printf '%s\n' "$text" >"$file.tmp" && mv -f "$file.tmp" "$file"
}
