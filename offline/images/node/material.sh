#!/bin/sh
# material.sh FOLDER: Node 20 from the npm registry, laid out as under /usr/local of the official image.
set -e
folder=$1
case $(uname -m) in aarch64) arch=arm64 ;; *) arch=x64 ;; esac
mkdir -p "$folder/bin" "$folder/lib/node_modules" "$folder/pack"
cd "$folder/pack"
npm pack --silent "node-linux-$arch@20.19.5" npm@10.8.2 yarn@1.22.22 corepack@0.32.0
tar -xzf node-linux-*.tgz
install -m 755 package/bin/node "$folder/bin/node"
rm -rf package
for name in npm yarn corepack; do
  tar -xzf "$name"-*.tgz
  mv package "$folder/lib/node_modules/$name"
done
cd "$folder"
rm -rf pack
for link in npm:npm/bin/npm-cli.js npx:npm/bin/npx-cli.js yarn:yarn/bin/yarn.js yarnpkg:yarn/bin/yarn.js \
  corepack:corepack/dist/corepack.js; do
  chmod 755 "lib/node_modules/${link#*:}"
  ln -s "../lib/node_modules/${link#*:}" "bin/${link%%:*}"
done
ln -s node bin/nodejs
