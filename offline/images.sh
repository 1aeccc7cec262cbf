# shellcheck shell=bash
# The base images under their official names. Our own engine finds them in the local registry, which it asks first; an
# engine that somebody else runs, and that can neither pull them nor has them, gets them directly.

IMAGES=$CACHE/images # a key file for each image that is ready for our engine

# name | folder under images/ | base | build argument
IMAGE_TABLE='debian:trixie-slim|debian|-|trixie
debian:bookworm-slim|debian|-|bookworm
nginx:1.28|nginx|debian:trixie-slim|
python:3.13-slim|python|debian:trixie-slim|
node:20-slim|node|debian:trixie-slim|
postgres:17|postgres|debian:trixie-slim|PG_MAJOR=17
redis:8|redis|debian:trixie-slim|REDIS_MAJOR=8
postgres:15|postgres|debian:bookworm-slim|PG_MAJOR=15
redis:7|redis|debian:bookworm-slim|REDIS_MAJOR=7
mailhog/mailhog:v1.0.1|mailhog|-|'

image_names() { cut -d '|' -f 1 <<<"$IMAGE_TABLE"; }
image_field() { awk -F '|' -v name="$1" -v field="$2" '$1 == name { print $field }' <<<"$IMAGE_TABLE"; }
image_file() { printf '%s' "$IMAGES/${1//[\/:]/_}"; }
image_path() { case $1 in */*) printf '%s' "$1" ;; *) printf 'library/%s' "$1" ;; esac; }

# image_keys: sets KEYS, for every image its name and the key of everything it is made from
image_keys() {
  local name folder base argument settings=$CACHE/tmp/settings made_by
  host_settings "$settings"
  made_by=$(key_of "$(debian_sources SUITE) $("${SHA256[@]}" <"$KIT/base.sh")" "$settings")
  KEYS=''
  while IFS='|' read -r name folder base argument; do
    base=$(image_key "$base")
    KEYS="$KEYS$name $(key_of "$name $argument $base $made_by" "$KIT/images/$folder")"$'\n'
  done <<<"$IMAGE_TABLE"
}

image_key() { awk -v name="$1" '$1 == name { print $2 }' <<<"$KEYS"; }

# image_in_registry NAME: its manifest is there, whatever the key file says
image_in_registry() {
  local path
  path=$(image_path "$1")
  [ -s "$REGISTRY/data/docker/registry/v2/repositories/${path%:*}/_manifests/tags/${path##*:}/current/link" ]
}

# image_label NAME: the key that an image of the kit's making carries; fails if the engine has no such image
image_label() {
  docker image inspect --format '{{with .Config.Labels}}{{index . "berth.key"}}{{end}}' "$1" 2>/dev/null
}

# image_in_engine NAME: it exists there; one of the kit's making only if it is today's
image_in_engine() {
  local key
  key=$(image_label "$1") || return 1
  [ -z "$key" ] || [ "$key" = "$(image_key "$1")" ]
}

image_ready() {
  if ! engine_is_ours; then image_in_engine "$1"; return; fi
  if image_in_registry "$1"; then has_key "$(image_file "$1")" "$(image_key "$1")"; else image_is_official "$1"; fi
}

# image_is_official NAME: in the engine, and not of the kit's making
image_is_official() {
  local key
  key=$(image_label "$1") && [ -z "$key" ]
}

images_wanting() {
  local name
  for name in $(image_names); do image_ready "$name" || printf '%s\n' "$name"; done
}

# images_missing: without Debian there are no keys to compute, and images are only pulled
images_missing() {
  local name
  if is_debian; then image_keys; else KEYS=''; fi
  for name in $(images_wanting); do echo "image: $name"; done
}

# --- pulling ----------------------------------------------------------------------------------------------------------

# images_pull: a step; the official images are better than ours wherever the engine reaches them
images_pull() {
  local name
  # What the local registry has is ours, and perhaps old: this machine could not pull before either.
  if engine_is_ours && [ -d "$REGISTRY/data/docker" ]; then exit 3; fi
  for name in $(images_wanting); do
    doing "pulling $name"
    timeout 900 "$(docker_command)" pull --quiet "$name" || exit 3
  done
  done_step 'pulled'
}

# --- building ---------------------------------------------------------------------------------------------------------

images_need() {
  local lacking=''
  if ! is_debian || ! is_root; then
    die 'this Docker engine has no base images and cannot pull them:' "$(images_wanting | xargs)" \
      'Let it reach an image registry, or load them with "docker load".' \
      'The kit can build them, on Debian 12 and 13 as root.'
  fi
  has npm || lacking="$lacking npm (Debian: npm)"
  has cargo || lacking="$lacking cargo (Debian: cargo)"
  has go || lacking="$lacking go (1.25 or newer, from Go's installation page)"
  [ -z "$lacking" ] || die "building the base images needs:$lacking." 'Install what is missing, then run this again.'
  need_space 4 'Building the base images'
}

# image_build NAME: a step
image_build() {
  local name=$1 folder old
  folder=$(image_field "$name" 2)
  old=$(docker image inspect --format '{{.Id}}' "$name" 2>/dev/null) || old=''
  if [ "$folder" = debian ]; then image_import "$name"; else image_compile "$name" "$folder"; fi
  if engine_is_ours; then image_publish "$name"; fi
  # the one it replaces, unless a container or another image still needs it
  if [ -n "$old" ]; then docker rmi "$old" || :; fi
  done_step 'built'
}

image_import() {
  local archive=$CACHE/tmp/${1//[\/:]/_}.tar
  doing 'unpacking packages'
  rm -f "$archive"
  base_archive "$(image_field "$1" 4)" "$archive"
  docker import --change 'CMD ["bash"]' --change "LABEL berth.key=$(image_key "$1")" \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$archive" "$1"
  rm -f "$archive"
}

image_compile() {
  local name=$1 folder=$KIT/images/$2 material arguments=() argument variable
  material=$(fresh_tmp "material-${name//[\/:]/_}")
  if [ -x "$folder/material.sh" ]; then
    doing 'downloading'
    "$folder/material.sh" "$material"
  fi
  for argument in "BASE=$(image_field "$name" 3)" "$(image_field "$name" 4)"; do
    [ -z "$argument" ] || arguments+=(--build-arg "$argument")
  done
  for variable in http_proxy https_proxy no_proxy; do
    [ -z "${!variable:-}" ] || arguments+=(--build-arg "$variable")
  done
  doing 'building'
  docker buildx build --builder default --progress plain --provenance false --tag "$name" \
    --label "berth.key=$(image_key "$name")" --build-context "material=$material" \
    --build-context "host=$CACHE/tmp/settings" "${arguments[@]}" "$folder"
  rm -rf "$material"
}

# image_publish NAME: into the registry, then pulled once, so that the engine knows the digest under the official name
image_publish() {
  local name=$1 local_name
  local_name=localhost:$(registry_port)/$(image_path "$name")
  doing 'publishing'
  docker tag "$name" "$local_name"
  docker push --quiet "$local_name"
  docker rmi "$local_name"
  docker pull --quiet "$name"
  mkdir -p "$IMAGES"
  mark_key "$(image_file "$name")" "$(image_key "$name")"
}

# images_on BASE: the wanted images with that base
images_on() {
  local name
  for name in $WANTED; do [ "$(image_field "$name" 3)" != "$1" ] || printf '%s\n' "$name"; done
}

# images_ensure: called after the engine's step; starts steps of its own, images beside each other where bases allow.
# Never call it in a condition: that would switch off "end at the first error" in its steps. The result: STEPS_FAILED.
images_ensure() {
  local began name base bases='' running='' entry
  began=$(clock)
  if is_debian; then image_keys; else KEYS=''; fi
  WANTED=$(images_wanting)
  if [ -z "$WANTED" ]; then say images "up to date ($(image_names | wc -l | tr -d ' '))"; return; fi
  start_step images images_pull
  if wait_quietly images "$STEP_PID"; then return; fi
  start_step images images_prepare
  wait_step images "$STEP_PID" || return 0
  for name in $(images_on -); do
    start_step "$name" image_build "$name"
    if [ "$(image_field "$name" 2)" = debian ]; then bases="$bases $name=$STEP_PID"; else
      running="$running $name=$STEP_PID"; fi
  done
  for base in debian:trixie-slim debian:bookworm-slim; do
    for entry in $bases; do
      case $entry in "$base="*) wait_step "$base" "${entry##*=}" || continue 2 ;; esac
    done
    for name in $(images_on "$base"); do
      start_step "$name" image_build "$name"
      running="$running $name=$STEP_PID"
    done
  done
  for entry in $running; do wait_step "${entry%=*}" "${entry##*=}" || :; done
  say images "built ($(since "$began"))"
}

images_prepare() {
  images_need
  doing 'downloading tools'
  base_tools
  if docker buildx version >/dev/null 2>&1; then return; fi
  engine_packages # an engine of somebody else's without the plugin
  link_plugins
}
