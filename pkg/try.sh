#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds FreeVISA and shows its main job once: PyVISA lists the instruments of the bundled virtual bench,
# queries them, fetches a waveform and saves its picture. Installs what it needs (apt; PyVISA by pip into a
# private environment, or Debian's if pip cannot download). Everything stays under build/try.
#
#   pkg/try.sh [PICTURE]     PICTURE: the file for the screen of the oscilloscope (waveform.png)
set -eu
case "${1:-}" in -h | --help) sed -n '3,8s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
picture=$(realpath -m "${1:-waveform.png}")
cd "$(dirname "$0")/.."
. pkg/needs.sh

B=$PWD/build/try
need_packages "${BUILD_PACKAGES[@]}"
echo "Building (about two minutes on two processors)"
mkdir -p "$B"
cmake -S . -B "$B" -G Ninja -DCMAKE_BUILD_TYPE=Release -DFREEVISA_BUILD_TESTS=OFF >"$B/configure.log" ||
  { tail -20 "$B/configure.log"; exit 1; }
cmake --build "$B" --target visa freevisa >"$B/build.log" 2>&1 || { tail -40 "$B/build.log"; exit 1; }

if ! python=$(newest_pyvisa "$B/venv" 2>"$B/pip.log"); then
  echo "pip reached no PyVISA; taking Debian's"
  need_packages python3-pyvisa
  python=/usr/bin/python3
fi

# Starts the bench on ports that it chooses; it prints "ready" when they are open.
"$B/freevisa" sim --port 0 --config-out "$B/bench.toml" >"$B/bench.log" 2>&1 &
bench=$!
trap 'kill $bench 2>/dev/null; wait $bench 2>/dev/null || true' EXIT
for _ in $(seq 200); do
  grep -qx ready "$B/bench.log" && break
  kill -0 $bench 2>/dev/null || { cat "$B/bench.log"; exit 1; }
  sleep 0.05
done

export FREEVISA_CONFIG=$B/bench.toml PYVISA_LIBRARY=$B/libvisa.so.1
"$python" pkg/try.py "$picture"
