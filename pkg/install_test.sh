#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The packages on clean systems:   pkg/install_test.sh FOLDER [WHEEL|make]
#
# Makes a Debian 12 below FOLDER, builds the packages there from the source tarball, judges them by lintian, and installs
# them on a Debian 12 and a Debian 13 that have nothing else (pkg/install_test_steps.sh says what is tried there); WHEEL,
# if given, is tried, too; with `make` one is made for that (pkg/wheel/manylinux.sh). UBUNTU=URL, the address of Ubuntu's
# archive, adds an Ubuntu 24.04; SUITES="NAME..." tries those only.
# Needs root. The last line is "N passed, N failed, N skipped"; exit status 77: cannot run here.
set -u
cd "$(dirname "$0")/.." || exit 1
. conformance/foreign/debian13.sh
. pkg/install_test_account.sh
FOLDER=$(realpath -m "${1:?FOLDER}")
WHEEL=${2:-}
mkdir -p "$FOLDER"

why=$(debian13_missing)
[ -z "$why" ] || { skipped "$why"; finish; }

# system SUITE PACKAGE...: makes FOLDER/SUITE, a Debian with PACKAGEs and no more.
system() {
  local suite=$1 root=$FOLDER/$1 archive
  shift
  archive=$(debian13_archive)
  [ "$suite" != noble ] || archive=$(ubuntu_source)
  rm -rf "$root" "$root-build"
  mmdebstrap --quiet --variant=apt --components=main --skip=cleanup/apt ${*:+--include="$(IFS=,; echo "$*")"} "${suite#build-}" \
    "$root" "$archive" >"$FOLDER/$suite.log" 2>&1 || { tail -5 "$FOLDER/$suite.log"; return 1; }
}
# ubuntu_source: for apt. Debian has no keys of Ubuntu's archive; without them the packages of a system that is only for this
# test are taken unsigned.
ubuntu_source() {
  local keys=/usr/share/keyrings/ubuntu-archive-keyring.gpg
  [ -e "$keys" ] && keys="signed-by=$keys" || keys=trusted=yes
  echo "deb [$keys] $UBUNTU noble main universe"
}
# there SUITE COMMAND...: runs it in that system, which has this tree as /src and FOLDER/SUITE-build as /build.
there() {
  local suite=$1
  shift
  debian13_run "$FOLDER/$suite" "$@"
}

if [ -z "${DEBS:-}" ]; then # DEBS=FOLDER: packages built before
  DEBS=$FOLDER/build-bookworm-build/debs
  if ! system build-bookworm build-essential ccache; then
    skipped "the Debian 12 for building could not be made"
    finish
  fi
  TARBALL=$(pkg/dist.sh "$FOLDER/build-bookworm-build") || exit 1
  rm -rf "$DEBS"
  # Debug information takes a third of the time, and is not installed.
  if there build-bookworm env INSTALL_BUILD_DEPENDS=1 DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" \
    DEB_CFLAGS_STRIP=-g DEB_CXXFLAGS_STRIP=-g /src/pkg/debs.sh \
    "/build/$(basename "$TARBALL")" /build/debs -Pnocheck >"$FOLDER/debs.log" 2>&1; then
    passed "the packages are built on Debian 12"
  else
    tail -30 "$FOLDER/debs.log"
    failed "the packages are built on Debian 12 ($FOLDER/debs.log)"
    finish
  fi
fi

if [ "$WHEEL" = make ]; then
  if pkg/wheel/manylinux.sh "$FOLDER/wheel" "$(dpkg --print-architecture)" >"$FOLDER/wheel.log" 2>&1; then
    echo "PASS: the wheel is made"
    PASSED=$((PASSED + 1))
    WHEEL=$(tail -1 "$FOLDER/wheel.log")
  else
    tail -30 "$FOLDER/wheel.log"
    failed "the wheel is made ($FOLDER/wheel.log)"
    WHEEL=
  fi
elif [ -n "$WHEEL" ]; then
  WHEEL=$(realpath "$WHEEL")
else
  echo "skipped: the wheel: none was given"
  SKIPPED=$((SKIPPED + 1))
fi
# A clean system has no way to PyPI where a proxy or an index of one's own is needed; this one may have.
if [ -n "$WHEEL" ]; then
  python3 -m pip download --quiet --dest "$FOLDER/pip" pyvisa >"$FOLDER/pip.log" 2>&1
fi

for suite in ${SUITES:-bookworm trixie ${UBUNTU:+noble}}; do
  if ! system "$suite"; then
    skipped "the clean $suite could not be made"
    continue
  fi
  mkdir -p "$FOLDER/$suite-build"
  cp "$DEBS"/*.deb ${WHEEL:+"$WHEEL"} "$FOLDER/$suite-build"
  cp "$FOLDER"/pip/*.whl "$FOLDER/$suite-build" 2>/dev/null
  there "$suite" /src/pkg/install_test_steps.sh "/build" 2>&1 | tee "$FOLDER/$suite-steps.log" | sed "s/^/$suite: /"
  count_steps "$suite" "$FOLDER/$suite-steps.log"
done

# lintian of Debian 13, which knows the newer policy.
if [ -e "$FOLDER/trixie" ] && there trixie env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends lintian >"$FOLDER/lintian-install.log" 2>&1; then
  # shellcheck disable=SC2046
  there trixie lintian --allow-root --display-info --pedantic --fail-on error,warning $(cd "$DEBS" && printf '/build/%s ' ./*.deb) \
    >"$FOLDER/lintian.log" 2>&1
  if [ $? -eq 0 ]; then
    passed "lintian has no error and no warning"
  else
    failed "lintian has no error and no warning"
  fi
  sed 's/^/lintian: /' "$FOLDER/lintian.log"
else
  skipped "lintian could not be installed"
fi
finish
