# shellcheck shell=bash
# Pulumi: an installed one as it is, else CLI, Python language host and Docker provider, built from toolchain/ by Go.

PULUMI_VERSION=v3.259.0
PROVIDER_VERSION=v5.2.0
GO_CACHES=$CACHE/go
KIT_PULUMI_HOME=$CACHE/pulumi

# 2: the provider lies apart, for Pulumi warns of one that it finds on PATH
toolchain_key() { key_of "2 $PULUMI_VERSION $(uname -sm)" "$KIT/toolchain"; }

# toolchain_folder: where the programs are; by content, so that clones of different age do not undo each other's work
toolchain_folder() { printf '%s' "$CACHE/toolchain/$(toolchain_key)"; }

# installed_pulumi: a CLI on PATH that is not the kit's
installed_pulumi() {
  local at
  at=$(type -aP pulumi | grep -vF "$CACHE/" | head -n 1) || :
  printf '%s' "$at"
}

toolchain_missing() {
  local folder
  [ -z "$(installed_pulumi)" ] || return 0
  folder=$(toolchain_folder)
  has_key "$folder" "${folder##*/}" || echo "pulumi: neither installed nor built"
  has_key "$KIT_PULUMI_HOME/provider" "${folder##*/}" || echo "pulumi: the Docker provider is not in place"
}

toolchain_version() {
  if [ -n "$(installed_pulumi)" ]; then "$(installed_pulumi)" version; else printf '%s' "$PULUMI_VERSION"; fi
}

# go_is_new_enough: go.mod says which Go it wants
go_is_new_enough() {
  local wanted found
  wanted=$(sed -n 's/^go //p' "$KIT/toolchain/go.mod")
  found=$(go env GOVERSION 2>/dev/null) || return 1
  [ "$(printf '%s\n%s\n' "$wanted" "${found#go}" | sort -V | head -n 1)" = "$wanted" ]
}

# toolchain_ensure: a step
toolchain_ensure() {
  local folder key wanted
  if [ -n "$(installed_pulumi)" ]; then
    done_step "$("$(installed_pulumi)" version) is installed, used as it is"
    return
  fi
  folder=$(toolchain_folder)
  key=${folder##*/}
  if ! has_key "$folder" "$key"; then
    wanted=$(sed -n 's/^go //p' "$KIT/toolchain/go.mod")
    if ! has go; then
      die "there is neither Pulumi nor Go on this machine." \
        "Install Pulumi from its own installation page, or Go $wanted or newer from Go's (the kit builds Pulumi then)."
    fi
    if ! go_is_new_enough; then
      die "Pulumi is not installed, and building it needs Go $wanted or newer; here is $(go env GOVERSION)." \
        "Install a newer Go from its installation page, or Pulumi from its own."
    fi
    need_space 8 'Pulumi, built from source,'
    toolchain_build "$folder" "$key"
  fi
  provider_install "$folder" "$key"
  done_step "$PULUMI_VERSION built"
}

toolchain_build() {
  local new flags script
  new=$(fresh_tmp toolchain)
  doing 'downloading Go modules'
  export GOMODCACHE=$GO_CACHES/mod GOCACHE=$GO_CACHES/build GOFLAGS=-modcacherw GOWORK=off
  flags="-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$PULUMI_VERSION"
  cd "$KIT/toolchain" || exit
  # nice: engine and images come up beside this, and others wait for them
  nice go build -v -trimpath -ldflags "$flags" -o "$new/" \
    github.com/pulumi/pulumi/pkg/v3/cmd/pulumi ./pulumi-language-python ./pulumi-resource-docker 2>&1 | count_packages
  script=$(go list -m -f '{{.Dir}}' github.com/pulumi/pulumi/sdk/v3)/python/cmd/pulumi-language-python-exec
  install -m 755 "$script" "$new/pulumi-language-python-exec"
  mkdir "$new/provider"
  mv "$new/pulumi-resource-docker" "$new/provider/"
  "$new/pulumi" version
  mkdir -p "$CACHE/toolchain"
  replace "$new" "$1"
  mark_key "$1" "$2"
  cd "$KIT" || exit
  # 4 GB that only another build would use again
  if [ "${BERTH_KEEP_GO_CACHE:-}" != 1 ]; then rm -rf "$GO_CACHES"; fi
}

# count_packages: go build -v prints a line for each package
count_packages() {
  local line count=0
  while IFS= read -r line; do
    printf '%s\n' "$line"
    case $line in
      'go: downloading'*) ;;
      *) count=$((count + 1)); [ $((count % 20)) -ne 0 ] || doing "compiling, $count packages done" ;;
    esac
  done
}

provider_install() {
  has_key "$KIT_PULUMI_HOME/provider" "$2" && return 0
  doing 'installing the provider'
  mkdir -p "$KIT_PULUMI_HOME"
  PULUMI_HOME=$KIT_PULUMI_HOME PULUMI_SKIP_UPDATE_CHECK=true "$1/pulumi" plugin install resource docker \
    "$PROVIDER_VERSION" --reinstall --file "$1/provider/pulumi-resource-docker"
  mark_key "$KIT_PULUMI_HOME/provider" "$2"
}
