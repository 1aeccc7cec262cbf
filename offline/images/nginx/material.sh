#!/bin/sh
# material.sh FOLDER: the source of nginx 1.28.3, which the Rust registry has as a crate.
set -e
folder=$1
mkdir -p "$folder/project/src"
cd "$folder/project"
cat >Cargo.toml <<'TOML'
[package]
name = "material"
version = "0.0.0"
edition = "2021"
[lib]
path = "src/lib.rs"
[dependencies]
nginx-src = "=1.28.5"
TOML
: >src/lib.rs
cargo vendor --quiet --versioned-dirs vendor >/dev/null
for source in vendor/nginx-src-1.28.5*/nginx; do mv "$source" "$folder/nginx"; done
cd "$folder"
rm -rf project
grep -q '"1.28.3"' nginx/src/core/nginx.h
