#!/bin/sh
# material.sh FOLDER: MailHog 1.0.1, compiled by Go; four small modules that cannot be downloaded are stood in for.
set -e
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/source"
export GOMODCACHE="$1/go/mod" GOCACHE="$1/go/build" GOFLAGS=-modcacherw GOWORK=off CGO_ENABLED=0
go build -trimpath -ldflags='-s -w' -o "$1/MailHog" github.com/mailhog/MailHog
rm -rf "$1/go"
