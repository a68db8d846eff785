#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A Debian 13 of our own, for the compilers and the machines this computer does not have: a root folder
# made by mmdebstrap from the Debian archive this machine's own apt sources name. Sourced by
# pkg/check.sh; by itself it runs a command there: debian13.sh ROOT COMMAND...

# What builds and tests everything there.
DEBIAN13_PACKAGES=(ca-certificates ccache cmake g++ googletest libcli11-dev libedit-dev libfmt-dev libgmock-dev libgtest-dev
                   libserialport-dev libspdlog-dev libssl-dev libtomlplusplus-dev libumockdev-dev libusb-1.0-0-dev ninja-build
                   nlohmann-json3-dev pkg-config python3 umockdev)

# debian13_archive: the address of Debian's archive; a mirror of another distribution has no Debian 13.
debian13_archive() {
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    sed -n 's/^Debian \(.*\)/\1/p' | head -1
}

# debian13_missing: says why there can be none; nothing when there can.
debian13_missing() {
  if [ "$(id -u)" -ne 0 ]; then
    echo "needs root: the folder becomes the root of a process"
  elif ! command -v mmdebstrap >/dev/null; then
    echo "needs mmdebstrap (Debian and Ubuntu: mmdebstrap)"
  elif [ -z "$(debian13_archive)" ]; then
    echo "the apt sources of this machine name no Debian archive"
  elif ! unshare --mount true 2>/dev/null; then
    echo "this machine does not allow a mount namespace"
  fi
}

# debian13_make ROOT PACKAGE...: makes it, or adds what is missing to the one there is. The mark is
# written last, so that a run which was stopped half-way is begun anew.
debian13_make() {
  local root=$1 archive
  shift
  archive=$(debian13_archive)
  if [ ! -e "$root/.complete" ]; then
    rm -rf "$root"
    mmdebstrap --variant=minbase --components=main --skip=cleanup/apt \
      --include="$(IFS=,; echo "${DEBIAN13_PACKAGES[*]}")" trixie "$root" "$archive" || return 1
    touch "$root/.complete"
  fi
  debian13_packages "$root" "${DEBIAN13_PACKAGES[@]}" "$@"
}

# debian13_packages ROOT PACKAGE...: installs those that are not there.
debian13_packages() {
  local root=$1 name missing=()
  shift
  for name in "$@"; do
    chroot "$root" dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  debian13_run "$root" apt-get update -qq && debian13_run "$root" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# debian13_run ROOT COMMAND...: there, in mounts that end with it. This tree is /src, read-only; what is
# built goes to /build, which is the folder ROOT-build outside.
debian13_run() {
  local root=$1 cache
  shift
  cache=$(ccache --get-config cache_dir 2>/dev/null) || cache=
  mkdir -p "$root/src" "$root/build" "$root/ccache" "$root-build"
  [ -n "$cache" ] && mkdir -p "$cache"
  # shellcheck disable=SC2016 # the inner shell expands them
  SOURCE=$PWD ROOT=$root CACHE=$cache unshare --mount --propagation private sh -c '
    mount --bind "$SOURCE" "$ROOT/src" && mount -o remount,bind,ro "$ROOT/src" &&
      mount --bind "$ROOT-build" "$ROOT/build" && mount --rbind /dev "$ROOT/dev" && mount -t proc proc "$ROOT/proc" &&
      mount -t tmpfs tmpfs "$ROOT/run" && mkdir -p "$ROOT/run/lock" || exit 1
    [ -z "$CACHE" ] || mount --bind "$CACHE" "$ROOT/ccache" || exit 1
    [ ! -e /etc/resolv.conf ] || cat /etc/resolv.conf >"$ROOT/etc/resolv.conf"
    exec chroot "$ROOT" env HOME=/tmp LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin CCACHE_DIR=/ccache \
      CCACHE_BASEDIR=/ CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros \
      CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache "$@"' sh "$@"
}

# By itself: debian13.sh ROOT COMMAND...
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  debian13_run "$@"
fi
