#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# kernel.sh FOLDER: gets Debian's kernel for amd64 and unpacks it, without installing it, and makes the small first file
# system of the virtual machine. What is there already stays.
set -euo pipefail
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"
if [ ! -e "$folder/release" ]; then
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: *//p' | head -1)
  [ -n "$package" ] || { echo "the apt sources of this machine have no linux-image-amd64" >&2; exit 1; }
  (cd "$folder" && apt-get download -q "$package" >&2)
  dpkg-deb -x "$folder/$package"_*.deb "$folder/root"
  rm "$folder/$package"_*.deb
  # Debian 13 and later have their modules under /usr.
  if [ ! -e "$folder/root/lib/modules" ] && [ -d "$folder/root/usr/lib/modules" ]; then
    mkdir -p "$folder/root/lib"
    ln -sfn ../usr/lib/modules "$folder/root/lib/modules"
  fi
  release=$(basename "$(ls -d "$folder"/root/lib/modules/* | head -1)")
  depmod -b "$folder/root" "$release"
  echo "$release" >"$folder/release"
fi
release=$(cat "$folder/release")
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage"/{bin,modules,proc,sys,dev,host,memory,root}
cp /bin/busybox "$stage/bin/busybox"
number=10
# What is no module is built in.
for module in virtio_pci 9pnet_virtio 9p overlay; do
  modprobe -d "$folder/root" -S "$release" --show-depends "$module" 2>/dev/null || true
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$stage/wanted"
while read -r file; do
  name=$number-$(basename "${file%.xz}")
  case $file in
    *.xz) xz -dc "$file" >"$stage/modules/$name" ;;
    *) cp "$file" "$stage/modules/$name" ;;
  esac
  echo "$name" >>"$stage/modules/order"
  number=$((number + 1))
done <"$stage/wanted"
rm "$stage/wanted"
install -m 755 "$here/init" "$stage/init"
(cd "$stage" && find . | cpio --quiet -o -H newc -R 0:0) >"$folder/first.cpio"
