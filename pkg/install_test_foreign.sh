#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The packages of other machines:   pkg/install_test_foreign.sh FOLDER [MACHINE...]
#
# Makes a Debian 13 below FOLDER, and for each MACHINE (armhf, riscv64 and arm64 if none is named) builds the packages there by
# Debian's cross compilers, judges them by lintian, and installs them on a Debian 13 of MACHINE that has nothing else, whose
# programs run under qemu (pkg/install_test_steps.sh says what is tried there). The packages are in FOLDER/builder-build/MACHINE.
# WHEEL=FILE, a wheel of pkg/wheel/manylinux.sh for arm64, is tried there, too. BUILT=1 takes the packages of the last run.
# Needs root. The last line is "N passed, N failed, N skipped"; exit status 77: cannot run here.
set -u
cd "$(dirname "$0")/.." || exit 1
. conformance/foreign/debian13.sh
. conformance/foreign/emulated.sh
. pkg/install_test_account.sh
FOLDER=$(realpath -m "${1:?FOLDER}")
shift
[ $# -gt 0 ] || set -- armhf riscv64 arm64
WHEEL=${WHEEL:+$(realpath "$WHEEL")}
mkdir -p "$FOLDER"
BUILDER=$FOLDER/builder

why=$(debian13_missing)
[ -z "$why" ] || { skipped "$why"; finish; }

builder() { debian13_run "$BUILDER" "$@"; }
if [ ! -e "$BUILDER/.complete" ]; then
  rm -rf "$BUILDER"
  if ! mmdebstrap --quiet --variant=apt --components=main --skip=cleanup/apt --include=build-essential,ccache,lintian,qemu-user \
    trixie "$BUILDER" "$(debian13_archive)" >"$FOLDER/builder.log" 2>&1; then
    tail -5 "$FOLDER/builder.log"
    skipped "the Debian 13 for building could not be made"
    finish
  fi
  touch "$BUILDER/.complete"
fi
TARBALL=$(pkg/dist.sh "$BUILDER-build") || exit 1

# build MACHINE: makes its packages. Debug information takes a third of the time, and is not installed.
build() {
  [ -z "${BUILT:-}" ] || return 0
  rm -rf "$BUILDER-build/$1"
  builder env INSTALL_BUILD_DEPENDS=1 DEB_BUILD_OPTIONS="noautodbgsym parallel=${JOBS:-$(nproc)}" DEB_CFLAGS_STRIP=-g \
    DEB_CXXFLAGS_STRIP=-g /src/pkg/debs.sh "/build/$(basename "$TARBALL")" "/build/$1" --arch "$1" >"$FOLDER/$1-build.log" 2>&1
}
# judge MACHINE: lintian reads packages of any machine.
judge() {
  # shellcheck disable=SC2046
  builder lintian --allow-root --display-info --pedantic --fail-on error,warning \
    $(cd "$BUILDER-build/$1" && printf "/build/$1/%s " ./*.deb) >"$FOLDER/$1-lintian.log" 2>&1
}
# system MACHINE: makes FOLDER/MACHINE, a Debian 13 of it with no more than apt; a copy of it is kept between runs.
system() {
  rm -rf "${FOLDER:?}/$1" "${FOLDER:?}/$1-build"
  if [ ! -e "$FOLDER/$1-clean.complete" ]; then
    rm -rf "$FOLDER/$1-clean"
    emulated "$1" "$BUILDER/usr/bin/qemu-$1" mmdebstrap --quiet --arch="$1" --variant=apt --components=main \
      --skip=check/qemu,cleanup/apt trixie "$FOLDER/$1-clean" "$(debian13_archive)" >"$FOLDER/$1-system.log" 2>&1 || return 1
    touch "$FOLDER/$1-clean.complete"
  fi
  cp -a "$FOLDER/$1-clean" "$FOLDER/$1"
}
# there MACHINE COMMAND...: runs it in that system, which has this tree as /src and FOLDER/MACHINE-build as /build.
there() {
  local machine=$1
  shift
  emulated "$machine" "$BUILDER/usr/bin/qemu-$machine" conformance/foreign/debian13.sh "$FOLDER/$machine" "$@"
}

for machine in "$@"; do
  if build "$machine"; then
    passed "$machine: the packages are built on Debian 13"
  else
    tail -30 "$FOLDER/$machine-build.log"
    failed "$machine: the packages are built on Debian 13 ($FOLDER/$machine-build.log)"
    continue
  fi
  debs=("$BUILDER-build/$machine"/*.deb)
  python3 pkg/list_binaries.py "${debs[@]}"
  if judge "$machine"; then
    passed "$machine: lintian has no error and no warning"
  else
    failed "$machine: lintian has no error and no warning"
    cat "$FOLDER/$machine-lintian.log"
  fi
  why=$(emulated_missing)
  if [ -n "$why" ]; then
    skipped "$machine: the installation: $why"
    continue
  fi
  if ! system "$machine"; then
    tail -5 "$FOLDER/$machine-system.log"
    skipped "$machine: the clean Debian 13 could not be made"
    continue
  fi
  mkdir -p "$FOLDER/$machine-build"
  cp "${debs[@]}" "$FOLDER/$machine-build"
  if [ "$machine" = arm64 ] && [ -n "$WHEEL" ]; then
    # A clean system has no way to PyPI where a proxy or an index of one's own is needed; this one may have.
    python3 -m pip download --quiet --dest "$FOLDER/$machine-build" pyvisa >"$FOLDER/pip.log" 2>&1
    cp "$WHEEL" "$FOLDER/$machine-build"
  fi
  there "$machine" env STEP_LIMIT=1500 /src/pkg/install_test_steps.sh /build 2>&1 | tee "$FOLDER/$machine-steps.log" |
    sed "s/^/$machine: /"
  count_steps "$machine" "$FOLDER/$machine-steps.log"
done
finish
