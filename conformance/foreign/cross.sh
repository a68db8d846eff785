#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# cross.sh MACHINE: builds FreeVISA and the tests that say something about a machine for MACHINE, a name
# of Debian's (armhf, i386, arm64, riscv64, s390x), warnings as errors. Runs in the Debian 13 of
# debian13.sh: the tree is /src, what is built /build/MACHINE, and nothing of the machine's own archive is
# needed: the cross compilers bring its C and C++ libraries, GoogleTest is built from its source.
set -eu
machine=$1
. "$(dirname "$0")/machines.sh"
read -r gnu cpu _ <<<"$(machine_names "$machine")"
folder=/build/$machine
mkdir -p "$folder"

cat >"$folder/toolchain.cmake" <<END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR $cpu)
set(CMAKE_C_COMPILER $gnu-gcc)
set(CMAKE_CXX_COMPILER $gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE $gnu)
END
options=(-G Ninja "-DCMAKE_TOOLCHAIN_FILE=$folder/toolchain.cmake" -DCMAKE_BUILD_TYPE=Release
         -DCMAKE_CXX_FLAGS_RELEASE=-O0 -DCMAKE_C_FLAGS_RELEASE=-O0) # qemu is slow, compilers are slower

# The packages of that machine alone: pkg-config would name those of this one.
export PKG_CONFIG_LIBDIR=/usr/lib/$gnu/pkgconfig:/usr/share/pkgconfig

cmake -S /usr/src/googletest -B "$folder/googletest" "${options[@]}" --install-prefix "$folder/root"
cmake --build "$folder/googletest"
cmake --install "$folder/googletest"

cmake -S /src -B "$folder/freevisa" "${options[@]}" --install-prefix /usr -DFREEVISA_WERROR=ON -DFREEVISA_BUILD_TESTS=ON \
  "-DGTest_ROOT=$folder/root"
# The tests that count what the caller's machine decides: widths, byte orders, the unwinder.
# All errors of a compiler in one run, because a run takes long.
cmake --build "$folder/freevisa" --target visa unit_lib_model unit_lib_format unit_drivers_common freevisa -- -k 0

# Clients, compiled as a user does.
for client in smoke.c lock.c handlers.cpp; do
  compiler=$gnu-gcc
  [ "$client" = "${client%.cpp}" ] || compiler=$gnu-g++
  "$compiler" -O1 -Wall -Wextra -Werror -I/src/include "/src/conformance/foreign/$client" \
    -o "$folder/${client%.*}" "-L$folder/freevisa" -l:libvisa.so.1
done
