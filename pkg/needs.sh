#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What building, trying and checking FreeVISA needs, and how to get it on Debian and Ubuntu. Sourced by
# try.sh and check.sh; run by itself it installs the packages for building.

BUILD_PACKAGES=(cmake ninja-build g++ pkg-config libspdlog-dev libfmt-dev libtomlplusplus-dev
                nlohmann-json3-dev libcli11-dev
                libssl-dev libusb-1.0-0-dev libserialport-dev libedit-dev python3 python3-venv)
CHECK_PACKAGES=(libgtest-dev libgmock-dev libumockdev-dev umockdev usbutils ccache python3-pyvisa python3-numpy
                python3-pytest file binutils mandoc zsh tmux)
# For the tests on separate networks: daemons, other clients, and programs that read what was on the wire.
NETWORK_PACKAGES=(iproute2 avahi-daemon dbus rpcbind lxi-tools tshark)

# For USB and GPIB with a real kernel, in a virtual machine.
GUEST_PACKAGES=(qemu-system-x86 busybox-static cpio kmod libusbredirparser-dev libfuse3-dev)

# For the wheel: libusb is built from its source, and the libraries are given other names.
WHEEL_PACKAGES=(autoconf automake libtool make patchelf)

# newest_clang: prints the version of the newest installed clang, or else of the one that the package `clang`
# installs (14 in Debian 12, 18 in Ubuntu 24.04, 19 in Debian 13).
newest_clang() {
  local version
  version=$(compgen -c clang++- | sed -n 's/^clang++-\([0-9]*\)$/\1/p' | sort -n | tail -1)
  [ -n "$version" ] || version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p')
  echo "${version:-14}"
}

# This version formats the tree; others break lines differently.
FORMAT=clang-format-14

# need_format: installs it. If the archive has no such version, the check of the format is left out.
need_format() {
  command -v $FORMAT >/dev/null && return 0
  apt-cache show $FORMAT >/dev/null 2>&1 && need_packages $FORMAT
}

# need_tidy VERSION: installs clang-tidy of that version. If the archive has none, its checks are left out.
need_tidy() {
  command -v "clang-tidy-$1" >/dev/null && return 0
  apt-cache show "clang-tidy-$1" >/dev/null 2>&1 && need_packages "clang-tidy-$1"
}

# need_packages NAME...: installs the packages that are missing, or names them if it may not install.
need_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "Missing packages: ${missing[*]}. Install them as root: apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  if ! command -v apt-get >/dev/null; then
    echo "Missing: ${missing[*]} (Debian's names). Install them with your system's package manager." >&2
    return 1
  fi
  echo "Installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq >/dev/null || true # an old list may be good enough
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# newest_pyvisa FOLDER PACKAGE...: makes a private environment with the newest PyVISA and PACKAGEs; prints
# its interpreter.
newest_pyvisa() {
  local folder=$1
  shift
  if [ ! -x "$folder/bin/python" ] || ! "$folder/bin/python" -c 'import pyvisa' 2>/dev/null; then
    /usr/bin/python3 -m venv "$folder" >&2 || return 1
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check pyvisa "$@" >&2 || return 1
  fi
  echo "$folder/bin/python"
}

# instrument_drivers FOLDER: makes a private environment with PyMeasure and QCoDeS (90 packages, 700 MB);
# prints its interpreter.
instrument_drivers() {
  local folder=$1
  if ! "$folder/bin/python" -c 'import importlib.metadata as m
for name in ("pyvisa", "pymeasure", "qcodes", "pytest"): m.version(name)' 2>/dev/null; then
    /usr/bin/python3 -m venv "$folder" >&2 || return 1
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
      pyvisa pytest pymeasure qcodes >&2 || return 1
  fi
  echo "$folder/bin/python"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -eu
  need_packages "${BUILD_PACKAGES[@]}"
fi
