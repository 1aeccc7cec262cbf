# shellcheck shell=bash
# What every part of the kit shares: places, messages, steps with their times, keys, processes.
# Sourced by setup and clean, which set KIT (this folder) and CHECKOUT (the folder above it).

CACHE=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/berth
LOGS=$CACHE/log
NOW_AT=$CACHE/now # one small file for each running step: what it is doing

mkdirs() { mkdir -p "$LOGS" "$NOW_AT" "$CACHE/tmp"; }

# --- messages ---------------------------------------------------------------------------------------------------------

# Steps run with their output in a log file: what is meant for the person goes to descriptors 3 (out) and 4 (errors).
open_messages() { exec 3>&1 4>&2; }

clear_line() { if [ -t 3 ]; then printf '\r\033[K' >&3; fi; }

# say STEP TEXT: one line, in columns
say() { clear_line; printf '%-24s%s\n' "$1" "$2" >&3; }

# die TEXT...: the message, a line for each argument, and the end of this step (2: the message has been shown)
die() {
  clear_line
  printf 'error: %s\n' "$1" >&4
  shift
  [ $# = 0 ] || printf '       %s\n' "$@" >&4
  exit 2
}

# doing TEXT: what the running step is at, shown while it lasts
doing() { if [ -n "${STEP:-}" ]; then printf '%s\n' "$1" >"$NOW_AT/${STEP//\//_}"; fi; }

clock() { # microseconds; bash 3 (macOS) has whole seconds only
  if [ -n "${EPOCHREALTIME:-}" ]; then printf '%s' "${EPOCHREALTIME/[.,]/}"; else printf '%s000000' "$(date +%s)"; fi
}

# since MICROSECONDS: "4.1 s", "5 min 20 s"
since() {
  local tenths=$((($(clock) - $1) / 100000))
  if [ "$tenths" -lt 1200 ]; then printf '%d.%d s' $((tenths / 10)) $((tenths % 10)); else
    printf '%d min %d s' $((tenths / 600)) $((tenths / 10 % 60)); fi
}

# done_step TEXT: the one line of a finished step, with its time
done_step() {
  rm -f "$NOW_AT/${STEP//\//_}"
  say "$STEP" "$1 ($(since "$STEP_BEGAN"))"
}

# --- steps ------------------------------------------------------------------------------------------------------------

STEPS_FAILED=()

# start_step NAME FUNCTION ARGUMENT...: run it beside the others, output into its log; sets STEP_PID
start_step() {
  local name=$1
  shift
  (
    trap - EXIT INT TERM
    set -e
    STEP=$name STEP_BEGAN=$(clock)
    doing working
    "$@"
  ) >"$LOGS/${name//\//_}.log" 2>&1 </dev/null &
  # shellcheck disable=SC2034 # read by the caller
  STEP_PID=$!
}

# wait_quietly NAME PID: its result, when a failure is no error (what failed is done in another way)
wait_quietly() {
  local code=0
  wait "$2" || code=$?
  rm -f "$NOW_AT/${1//\//_}"
  return $code
}

# wait_step NAME PID: its result; a step that failed without a message of its own shows the end of its log
wait_step() {
  local name=$1 code=0
  wait_quietly "$name" "$2" || code=$?
  [ $code = 0 ] && return 0
  STEPS_FAILED+=("$name")
  [ $code = 2 ] || explain_failure "$name"
  return 1
}

explain_failure() {
  local log=$LOGS/${1//\//_}.log
  clear_line
  if grep -qi 'no space left on device' "$log"; then
    printf 'error: %s: the disk is full (%s free in %s).\n' "$1" "$(free_gib) GiB" "$CACHE" >&4
    printf '       Free some space (building needs about 8 GB) and run this again: it goes on from here.\n' >&4
    return
  fi
  printf 'error: %s failed; the end of %s:\n' "$1" "$log" >&4
  # BuildKit ends with the source of the Dockerfile: the cause stands above it
  grep -vE '^ *[0-9]+ \|( >>>)? |^-+$' "$log" | tail -n 12 | cut -c 1-160 | sed 's/^/       | /' >&4
  printf '       Run this again when the cause is gone: what is done stays done.\n' >&4
}

# show_progress: while this setup lives, what its steps are at: a live line on a terminal, else a line now and then
show_progress() {
  local began pause=20 line file width
  began=$(clock)
  width=$(stty size <&3 2>/dev/null | cut -d ' ' -f 2) || :
  if [ "${width:-0}" -lt 20 ]; then width=80; fi
  if [ -t 3 ]; then pause=1; fi
  while sleep "$pause" && kill -0 $$ 2>/dev/null; do
    line=''
    for file in "$NOW_AT"/*; do
      [ -f "$file" ] && line="$line${line:+ | }${file##*/}: $(cat "$file" 2>/dev/null)"
    done
    [ -n "$line" ] || continue
    if [ -t 3 ]; then
      printf '\r\033[K%s' "$(cut -c "1-$((width - 1))" <<<"$(since "$began"): $line")" >&3
    else
      printf '%-24s%s (%s)\n' '...' "$line" "$(since "$began")" >&3
    fi
  done
}

# --- the machine ------------------------------------------------------------------------------------------------------

is_root() { [ "$(id -u)" = 0 ]; }
has() { type -P "$1" >/dev/null; } # a program, never a function of the same name
runs_systemd() { [ -d /run/systemd/system ]; }

# os_field NAME: a field of os-release (OS_RELEASE: another file, for the tests)
os_field() { sed -n "s/^$1=//p" "${OS_RELEASE:-/etc/os-release}" 2>/dev/null | tr -d "\"'"; }

is_debian() {
  [ "$(os_field ID)" = debian ] || return 1
  case $(os_field VERSION_CODENAME) in bookworm | trixie) ;; *) return 1 ;; esac
}

free_gib() {
  local dir=$CACHE
  while [ ! -d "$dir" ]; do dir=$(dirname "$dir"); done
  df -Pk "$dir" | awk 'NR == 2 { printf "%d", $4 / 1048576 }'
}

# need_space GIB WHAT: refuse before half of the work is done
need_space() {
  local free
  free=$(free_gib)
  [ "$free" -ge "$1" ] && return 0
  die "$2 needs about $1 GB of disk while it is made, and $CACHE has $free GB free." \
    'Free some space, or set XDG_CACHE_HOME to a folder on a larger disk, and run this again.'
}

# --- keys, files ------------------------------------------------------------------------------------------------------

if has sha256sum; then SHA256=(sha256sum); else SHA256=(shasum -a 256); fi

# key_of TEXT FOLDER...: a short name for exactly this content, the same in every clone
key_of() {
  local text=$1 folder
  shift
  {
    printf '%s\n' "$text"
    for folder in "$@"; do
      (cd "$folder" && find . -type f | LC_ALL=C sort | tr '\n' '\0' | xargs -0 "${SHA256[@]}")
    done
  } | "${SHA256[@]}" | cut -c 1-16
}

# has_key PLACE KEY: PLACE was made from KEY and finished; mark_key says so, as the last act of making it
has_key() { [ "$(cat "$1.key" 2>/dev/null)" = "$2" ]; }
mark_key() { printf '%s\n' "$2" >"$1.key.tmp" && mv -f "$1.key.tmp" "$1.key"; }

# fresh_tmp NAME: an empty folder for one step; what a killed run left there goes first
fresh_tmp() {
  rm -rf --one-file-system "$CACHE/tmp/$1"
  mkdir -p "$CACHE/tmp/$1"
  printf '%s' "$CACHE/tmp/$1"
}

# replace NEW PLACE: NEW becomes PLACE by renaming, so that PLACE is never half there
replace() {
  rm -rf "$2.old"
  if [ -e "$2" ]; then mv "$2" "$2.old"; fi
  mv "$1" "$2"
  rm -rf "$2.old"
}

# --- processes of the kit ---------------------------------------------------------------------------------------------

# runs PIDFILE WORD: the process in PIDFILE is alive and has WORD (a path of ours) in its command line.
# A pid alone proves nothing: after a reboot it belongs to somebody else.
runs() {
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 1
  [ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$2"
}

# launch LOG COMMAND...: a process that survives this shell and holds neither its lock nor its descriptors
launch() {
  local log=$1
  shift
  setsid "$@" >>"$log" 2>&1 </dev/null 3>&- 4>&- 9>&- &
}

# stop_process PIDFILE WORD: TERM, and KILL after 15 s; only what runs() has proved to be ours
stop_process() {
  local pid tries=150
  runs "$1" "$2" || { rm -f "$1"; return 0; }
  pid=$(cat "$1")
  kill "$pid" 2>/dev/null || :
  while runs "$1" "$2" && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
  if runs "$1" "$2"; then kill -9 "$pid" 2>/dev/null || :; fi
  rm -f "$1"
}

# take_lock: two clones that set up at once wait for each other
take_lock() {
  has flock || return 0
  exec 9>>"$CACHE/lock"
  flock -n 9 && return 0
  say lock 'another setup is at work on this machine: waiting for it'
  flock 9
}
