#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes a wheel that runs on systems older than this one:   pkg/wheel/manylinux.sh FOLDER [amd64|arm64]
#
# The compiler of this Debian 12 links against the C library of Debian 11 (glibc 2.31), so the wheel is a
# manylinux_2_31: Debian 11, Ubuntu 20.04, RHEL 9 and newer. What keeps it from 2_28 (RHEL 8) are gettid and
# pthread_cond_clockwait of glibc 2.30; without the latter, waits would follow the wall clock.
#
# libusb is in the wheel, built without udev, because a user without root cannot install it; it stays a library of its own
# (LGPL-2.1, pkg/wheel/LIBUSB.md). OpenSSL is not: the system's libssl.so.3 is used where it is there, and gets the system's
# updates; without it secure connections say that it is missing. The bench in the wheel has none, so that the command starts
# anywhere; for the same reason it goes without libedit and libserialport.
#
# Needs mmdebstrap, the tools for building FreeVISA and libusb (autoconf, automake, libtool), patchelf, for arm64 also
# g++-aarch64-linux-gnu and libssl-dev:arm64 (dpkg --add-architecture arm64). CFLAGS and CXXFLAGS count as everywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
. conformance/foreign/debian13.sh
FOLDER=$(realpath -m "$1")
ARCH=${2:-amd64}
case "$ARCH" in
  amd64) GNU=x86_64-linux-gnu CPU=x86_64 PREFIX= ;;
  arm64) GNU=aarch64-linux-gnu CPU=aarch64 PREFIX=aarch64-linux-gnu- ;;
  *) echo "manylinux.sh: no wheel for $ARCH" >&2; exit 2 ;;
esac
GLIBC=2.31
WORK=$FOLDER/$ARCH
OLD=$WORK/bullseye
mkdir -p "$WORK"

# The C library to link against: headers and libraries of ARCH, without running anything of it.
if [ ! -e "$OLD/.complete" ]; then
  rm -rf "$OLD"
  mmdebstrap --quiet --variant=extract --arch="$ARCH" --include=libc6-dev,linux-libc-dev bullseye "$OLD" "$(debian13_archive)"
  find "$OLD" -path "$OLD/*lib*" -type l -lname '/*' | while read -r link; do
    ln -sfnr "$OLD$(readlink "$link")" "$link"
  done
  touch "$OLD/.complete"
fi

# --sysroot alone takes this system's libraries unnoticed. They are compiled with this system's headers, so what newer
# headers name is in old_glibc.c.
LINK="--sysroot=$OLD -B$OLD/usr/lib/$GNU -L$OLD/usr/lib/$GNU -L$OLD/lib/$GNU"
"${PREFIX}gcc" -O2 -fPIC -c pkg/wheel/old_glibc.c -o "$WORK/old_glibc.o"

# libusb, from Debian's source. LIBUSB_SOURCE=FILE: its orig.tar, where this is no place to fetch it.
if [ ! -e "$WORK/libusb/lib/libusb-1.0.so.0" ]; then
  mkdir -p "$WORK/source/lists/partial"
  if [ -z "${LIBUSB_SOURCE:-}" ]; then
    echo "deb-src $(debian13_archive) bookworm main" >"$WORK/source/sources.list"
    apt=(apt-get -qq -o Dir::Etc::SourceList="$WORK/source/sources.list" -o Dir::Etc::SourceParts=/dev/null
         -o Dir::State::Lists="$WORK/source/lists" -o APT::Sandbox::User=root)
    (cd "$WORK/source" && "${apt[@]}" update && "${apt[@]}" source --download-only libusb-1.0)
    LIBUSB_SOURCE=$(ls "$WORK"/source/libusb-1.0_*.orig.tar.*z* | grep -v '\.asc$' | head -1)
  fi
  rm -rf "$WORK/source/tree"
  mkdir "$WORK/source/tree"
  tar -xf "$LIBUSB_SOURCE" -C "$WORK/source/tree" --strip-components=1
  (
    cd "$WORK/source/tree"
    [ -x configure ] || NOCONFIGURE=1 ./bootstrap.sh
    ./configure --host="$GNU" --prefix="$WORK/libusb" --disable-udev --disable-static --disable-dependency-tracking \
      CC="${PREFIX}gcc" CFLAGS="-O2 -fPIC -fstack-protector-strong" LDFLAGS="$LINK -Wl,-z,relro,-z,now"
    make -j "$(nproc)" install
    cp COPYING "$WORK/libusb/COPYING"
  ) >"$WORK/libusb.log" 2>&1 || { tail -20 "$WORK/libusb.log"; exit 1; }
fi

options=()
if [ -n "$PREFIX" ]; then
  cat >"$WORK/toolchain.cmake" <<END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR $CPU)
set(CMAKE_C_COMPILER ${PREFIX}gcc)
set(CMAKE_CXX_COMPILER ${PREFIX}g++)
set(CMAKE_LIBRARY_ARCHITECTURE $GNU)
END
  options+=(-DCMAKE_TOOLCHAIN_FILE="$WORK/toolchain.cmake")
fi
# WHEEL_BUILD=FOLDER: a build folder that is there already, of the tree WHEEL_SOURCE; what it has compiled is linked anew.
BUILD=${WHEEL_BUILD:-$WORK/build}
export PKG_CONFIG_LIBDIR=$WORK/libusb/lib/pkgconfig
cmake -S "${WHEEL_SOURCE:-.}" -B "$BUILD" -G Ninja "${options[@]}" -DCMAKE_BUILD_TYPE="${WHEEL_BUILD_TYPE:-Release}" \
  -DFREEVISA_BUILD_TESTS=OFF -DFREEVISA_INSTALL_SYSTEM_FILES=OFF -DFREEVISA_STATIC_LIBSTDCXX=ON \
  -DCMAKE_INSTALL_LIBDIR=_lib -DCMAKE_INSTALL_BINDIR=_bin -DCMAKE_SKIP_INSTALL_RPATH=OFF \
  -DFREEVISA_TLS=ON -DFREEVISA_BENCH_TLS=OFF -DFREEVISA_EDIT=OFF -DFREEVISA_LIBSERIALPORT=OFF \
  -DFREEVISA_PRECOMPILE=ON -DFREEVISA_DRIVER_USB=ON -UPKG_CONFIG_* -Uusb_* -U__pkg_config* -U_*libusb* \
  -DCMAKE_SHARED_LINKER_FLAGS="$LINK" -DCMAKE_MODULE_LINKER_FLAGS="$LINK" -DCMAKE_EXE_LINKER_FLAGS="$LINK -Wl,--allow-shlib-undefined" \
  -DCMAKE_CXX_STANDARD_LIBRARIES="$WORK/old_glibc.o -lpthread -ldl -lresolv"
cmake --build "$BUILD" -j "${JOBS:-$(nproc)}" --target visa visa_tls freevisa
rm -rf "$WORK/prefix"
for component in runtime tls tool; do
  cmake --install "$BUILD" --prefix "$WORK/prefix" --strip --component "$component" >/dev/null
done
mkdir -p "$WORK/prefix/licences"
cp "$WORK/libusb/COPYING" "$WORK/prefix/licences/LGPL-2.1-libusb.txt"
cp pkg/wheel/LIBUSB.md "$WORK/prefix/licences/"

# A name of its own, so that a program with the system's libusb in it keeps that.
library=$WORK/prefix/_lib/libusb-freevisa.so.0
cp "$WORK/libusb/lib/libusb-1.0.so.0" "$library"
"${PREFIX}strip" --strip-unneeded "$library"
patchelf --set-soname libusb-freevisa.so.0 "$library"
user=$(realpath "$WORK/prefix/_lib/libvisa.so.1")
patchelf --replace-needed libusb-1.0.so.0 libusb-freevisa.so.0 "$user"
patchelf --set-rpath '$ORIGIN' "$user" # a call of its own: patchelf 0.14 mixes the two up

# What the wheel promises.
for file in "$WORK"/prefix/_lib/libvisa.so.1 "$WORK"/prefix/_lib/libusb-freevisa.so.0 "$WORK"/prefix/_lib/freevisa-modules/tls.so \
  "$WORK"/prefix/_bin/freevisa; do
  needs=$("${PREFIX}objdump" -T "$file" | grep -oE 'GLIBC_[0-9]+\.[0-9.]+' | sort -uV | tail -1)
  echo "$(basename "$file"): $needs; $("${PREFIX}objdump" -p "$file" | awk '/NEEDED|RUNPATH|RPATH/ { printf "%s ", $2 }')"
  for library in $("${PREFIX}objdump" -p "$file" | awk '$1 == "NEEDED" { print $2 }'); do
    case "$(basename "$file") $library" in
      *\ libc.so.6 | *\ libm.so.6 | *\ libgcc_s.so.1 | *\ libdl.so.2 | *\ libpthread.so.0 | *\ libresolv.so.2 | *\ ld-linux*) ;;
      libvisa.so.1\ libusb-freevisa.so.0 | freevisa\ libvisa.so.1 | tls.so\ libssl.so.3 | tls.so\ libcrypto.so.3) ;;
      *) echo "manylinux.sh: $file needs $library, which not every system has" >&2; exit 1 ;;
    esac
  done
  if [ "$(printf '%s\nGLIBC_%s\n' "$needs" "$GLIBC" | sort -V | tail -1)" != "GLIBC_$GLIBC" ]; then
    echo "manylinux.sh: $file needs $needs, more than GLIBC_$GLIBC" >&2
    exit 1
  fi
done
mkdir -p "$FOLDER/dist"
FREEVISA_WHEEL_PREFIX=$WORK/prefix FREEVISA_WHEEL_TAG=manylinux_${GLIBC/./_}_$CPU python3 -c "
import sys; sys.path.insert(0, 'pkg/wheel'); import build_backend
print('$FOLDER/dist/' + build_backend.build_wheel('$FOLDER/dist'))"
