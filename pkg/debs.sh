#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the Debian packages:   pkg/debs.sh TARBALL FOLDER [--arch MACHINE] [OPTION...]
#
# TARBALL is that of pkg/dist.sh. The packages come to FOLDER, where the build folder stays, too. OPTIONs are those of
# dpkg-buildpackage. With --arch they are for MACHINE (arm64, armhf, riscv64), by cross compilers, on Debian 13 or newer; their
# tests are not run. What debian/control names must be installed; as root with INSTALL_BUILD_DEPENDS=1 this does it.
set -eu
tarball=$(realpath "$1")
folder=$(realpath -m "$2")
shift 2
machine=
if [ "${1:-}" = --arch ]; then
  machine=$2
  shift 2
  set -- "-a$machine" -Pcross,nocheck "$@"
  DEB_BUILD_OPTIONS="nocheck ${DEB_BUILD_OPTIONS:-}"
  export DEB_BUILD_OPTIONS
fi
name=$(basename "$tarball" .tar.gz)
mkdir -p "$folder"
cd "$folder"
rm -rf "$name"
cp "$tarball" "freevisa_${name#freevisa-}.orig.tar.gz"
tar -xzf "$tarball"
cp -r "$name/pkg/debian" "$name/debian"

if [ "${INSTALL_BUILD_DEPENDS:-0}" = 1 ]; then
  for_apt=()
  for option in "$@"; do
    case "$option" in
      -a*) for_apt+=(--host-architecture "${option#-a}") ;;
      -P*) for_apt+=(-P "${option#-P}") ;;
    esac
  done
  [ -z "$machine" ] || dpkg --add-architecture "$machine"
  apt-get update -qq
  export DEBIAN_FRONTEND=noninteractive
  [ -z "$machine" ] || apt-get install -y -qq --no-install-recommends "crossbuild-essential-$machine" >/dev/null
  apt-get build-dep -y -qq --no-install-recommends "${for_apt[@]}" "./$name" >/dev/null
fi
cd "$name"
dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary "$@"
