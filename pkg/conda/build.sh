#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Called by conda-build. PyVISA of a conda environment looks for libraries in the system's cache only, so activating the
# environment names this one, unless the user has chosen another.
set -eux
cmake -S . -B build -G Ninja ${CMAKE_ARGS:-} -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$PREFIX" \
  -DCMAKE_INSTALL_LIBDIR=lib -DFREEVISA_STATIC_LIBSTDCXX=OFF -DFREEVISA_INSTALL_SYSTEM_FILES=OFF \
  -DFREEVISA_DRIVER_USB=ON -DFREEVISA_TLS=ON -DFREEVISA_BUILD_TESTS=OFF
cmake --build build
cmake --install build
mkdir -p "$PREFIX/etc/conda/activate.d" "$PREFIX/etc/conda/deactivate.d"
cat >"$PREFIX/etc/conda/activate.d/freevisa.sh" <<'END'
if [ -z "${PYVISA_LIBRARY:-}" ]; then
  export PYVISA_LIBRARY="$CONDA_PREFIX/lib/libvisa.so.1" FREEVISA_CONDA_PYVISA=1
fi
END
cat >"$PREFIX/etc/conda/deactivate.d/freevisa.sh" <<'END'
if [ -n "${FREEVISA_CONDA_PYVISA:-}" ]; then
  unset PYVISA_LIBRARY FREEVISA_CONDA_PYVISA
fi
END
