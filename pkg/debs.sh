#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the Debian packages:   pkg/debs.sh TARBALL FOLDER [OPTION...]
#
# TARBALL is that of pkg/dist.sh. The packages come to FOLDER, where the build folder stays, too. OPTIONs are those of
# dpkg-buildpackage (-aarm64, -Pcross,nocheck). What debian/control names must be installed; as root with
# INSTALL_BUILD_DEPENDS=1 this does it.
set -eu
tarball=$(realpath "$1")
folder=$(realpath -m "$2")
shift 2
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
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get build-dep -y -qq --no-install-recommends "${for_apt[@]}" "./$name" >/dev/null
fi
cd "$name"
dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary "$@"
