# shellcheck shell=bash
# Packages of Debian: from the mirror that this machine itself uses, through a private apt state, so that the
# machine's own package lists and packages stay as they are.

# shellcheck disable=SC2034 # read by engine.sh
ENGINE_SUITE=trixie # the oldest Debian with Docker 26 (start_interval of health checks wants 25)

# debian_uri SUITE_SUFFIX: the mirror of this release ('' or '-security') in the machine's apt sources, in either of
# apt's two formats: apt itself reads them, and with --no-release-info also before the first apt-get update
debian_uri() {
  # shellcheck disable=SC2016 # the format is for apt
  apt-get indextargets -o Dir::State::lists="$CACHE/tmp/none" -o Acquire::Languages=none --no-release-info \
    --format '$(CREATED_BY) $(COMPONENT) $(RELEASE) $(REPO_URI)' |
    awk -v release="$(os_field VERSION_CODENAME)$1" '
      $1 == "Packages" && $2 == "main" && $3 == release && !uri { uri = $4 }
      END { print uri }'
}

# debian_sources SUITE: sources.list lines for a Debian of that suite
debian_sources() {
  local main security
  main=$(debian_uri '')
  security=$(debian_uri -security)
  if [ -z "$main" ]; then
    die "the apt sources of this machine name no Debian mirror for $(os_field VERSION_CODENAME) main." \
      'Add one to /etc/apt/sources.list.d (apt-get update must work), then run this again.'
  fi
  printf 'deb %s %s main\n' "$main" "$1"
  [ -z "$security" ] || printf 'deb %s %s main\n' "$main" "$1-updates" "$security" "$1-security"
}

# private_apt SUITE ARGUMENT...: apt-get with lists and cache of the kit
private_apt() {
  local suite=$1 root=$CACHE/apt/$1
  shift
  mkdir -p "$root/etc" "$root/lists/partial" "$root/cache/archives/partial"
  : >"$root/status"
  debian_sources "$suite" | sed 's#^deb #deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] #' \
    >"$root/etc/sources.list"
  apt-get -q -o Dir::Etc::sourcelist="$root/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$root/lists" -o Dir::State::status="$root/status" -o Dir::Cache="$root/cache" \
    -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

# unpack_debs SUITE FOLDER PACKAGE...: download the packages and lay their files out under FOLDER, no installation
unpack_debs() {
  local suite=$1 folder=$2 debs deb
  shift 2
  debs=$(fresh_tmp "debs-$suite")
  private_apt "$suite" update
  (cd "$debs" && private_apt "$suite" download "$@")
  for deb in "$debs"/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$folder" --no-same-owner
  done
  rm -rf "$debs"
}

# need_command COMMAND PACKAGE: install the package where the command is missing
need_command() {
  if PATH=$PATH:/usr/sbin:/sbin has "$1"; then return 0; fi
  doing "installing $2"
  export DEBIAN_FRONTEND=noninteractive
  if ! apt-get install -y --no-install-recommends "$2"; then # the package lists are missing or old
    apt-get update
    apt-get install -y --no-install-recommends "$2"
  fi
  printf '%s\n' "$2" >>"$CACHE/installed"
}
