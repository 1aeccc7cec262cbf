# shellcheck shell=bash
# The Debian roots under all images: made by mmdebstrap, from the mirror of the machine.

TOOLS=$CACHE/tools

# base_tools: mmdebstrap, laid out beside the machine's own programs
base_tools() {
  local new key
  key=$(key_of "mmdebstrap $(os_field VERSION_CODENAME)")
  has_key "$TOOLS" "$key" && return 0
  need_command perl perl
  new=$(fresh_tmp tools)
  unpack_debs "$(os_field VERSION_CODENAME)" "$new" mmdebstrap
  replace "$new" "$TOOLS"
  mark_key "$TOOLS" "$key"
}

# base_archive SUITE FILE: a slim Debian as a tar
base_archive() {
  local suite=$1 file=$2 kit=$KIT/images/debian extra=$CACHE/tmp/$1-extra
  rm -rf "$extra"
  mkdir -p "$extra"
  debian_sources "$suite" >"$extra/sources"
  deb822_sources <"$extra/sources" >"$extra/debian.sources"
  host_settings "$extra/host"
  # A mount namespace of its own: /proc and /sys in the new root go with it, however this ends.
  # shellcheck disable=SC2016 # $1 is the new root, for mmdebstrap to expand
  unshare --mount --propagation private env TMPDIR="$CACHE/tmp" PATH="$TOOLS/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    mmdebstrap --quiet --mode=root --variant=minbase --format=tar \
    --include=ca-certificates,netbase,tzdata,usr-is-merged --hook-dir="$TOOLS/usr/share/mmdebstrap/hooks/merged-usr" \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt="$kit/dpkg-slim.conf" --dpkgopt=force-unsafe-io \
    --customize-hook='mkdir -p "$1/usr/local/share/ca-certificates"' \
    --customize-hook="cp -r '$extra/host/certificates/.' \"\$1/usr/local/share/ca-certificates/\"" \
    --customize-hook='chroot "$1" update-ca-certificates' \
    --customize-hook="cp '$kit/apt-clean.conf' '$extra/host/apt/.' \"\$1/etc/apt/apt.conf.d/\" -r" \
    --customize-hook='rm -f "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* "$1"/etc/*/*.d/99mmdebstrap' \
    --customize-hook="cp '$extra/debian.sources' \"\$1/etc/apt/sources.list.d/debian.sources\"" \
    --customize-hook="cp '$kit/dpkg-slim.conf' \"\$1/etc/dpkg/dpkg.cfg.d/slim\"" \
    --customize-hook='find "$1"/var/lib/apt/lists "$1"/var/cache/apt "$1"/var/log -type f -delete' \
    --customize-hook='rm -f "$1/etc/hostname" "$1/etc/resolv.conf" "$1/etc/machine-id"' \
    "$suite" "$file" "$extra/sources" 3>&- 4>&- 9>&- # its shell snippets know one-digit descriptors only
  rm -rf "$extra"
}

# deb822_sources: `deb URI SUITE COMPONENT` lines in the format and file of the official images, which Dockerfiles edit
deb822_sources() {
  awk '{ printf "%sTypes: deb\nURIs: %s\nSuites: %s\nComponents: %s\n", separator, $2, $3, $4
         print "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg"; separator = "\n" }'
}

# host_settings FOLDER: what the machine itself needs to reach its package registries, so that builds on top of the
# images reach them too: certificates/ apt/ pip/ npm/. Empty folders where the machine has nothing special. No tokens.
host_settings() {
  local folder=$1 file proxy
  rm -rf "$folder"
  mkdir -p "$folder/certificates" "$folder/apt" "$folder/pip" "$folder/npm"
  for file in /usr/local/share/ca-certificates/*.crt; do
    if [ -f "$file" ]; then cp "$file" "$folder/certificates/"; fi
  done
  proxy=$(apt-config dump --format '%f "%v";%n' Acquire::http::Proxy Acquire::https::Proxy)
  [ -z "$proxy" ] || printf '%s\n' "$proxy" >"$folder/apt/proxy.conf"
  pip_settings >"$folder/pip/pip.conf"
  [ -s "$folder/pip/pip.conf" ] || rm "$folder/pip/pip.conf"
  npm_settings >"$folder/npm/npmrc"
  [ -s "$folder/npm/npmrc" ] || rm "$folder/npm/npmrc"
}

pip_settings() {
  local found
  found=$({
    [ -z "${PIP_INDEX_URL:-}" ] || echo "index-url = $PIP_INDEX_URL"
    [ -z "${PIP_EXTRA_INDEX_URL:-}" ] || echo "extra-index-url = $PIP_EXTRA_INDEX_URL"
    [ -z "${PIP_TRUSTED_HOST:-}" ] || echo "trusted-host = $PIP_TRUSTED_HOST"
    cat "${PIP_CONFIG_FILE:-/dev/null}" ~/.config/pip/pip.conf ~/.pip/pip.conf /etc/pip.conf 2>/dev/null |
      grep -E '^(index-url|extra-index-url|trusted-host|proxy) *=' || :
  } | awk '!seen[$1]++')
  [ -z "$found" ] || printf '[global]\n%s\n' "$found"
}

npm_settings() {
  local registry=${NPM_CONFIG_REGISTRY:-${npm_config_registry:-}}
  {
    [ -z "$registry" ] || echo "registry=$registry"
    cat ~/.npmrc /etc/npmrc 2>/dev/null | grep -E '^(registry|proxy|https-proxy) *=' | grep -v '@' || :
  } | awk -F '[ =]' '!seen[$1]++'
}
