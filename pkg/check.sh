#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds and runs every test of FreeVISA on this machine, builds it in a Debian 13 as well, and ends with one
# line of totals.
#
#   pkg/check.sh            what every change must pass (within 50 minutes on 2 processors)
#   pkg/check.sh --full     also the campaigns: long fuzzing, soak, the benchmark in full, other machines
#   pkg/check.sh --only STEP[,STEP...]   some steps only: style gcc clients clang tidy fuzz tsan drivers
#                                        debian13 foreign install guest bench (the last four with --full)
#
# Installs what it needs (apt; PyVISA, PyMeasure and QCoDeS by pip into private environments). Builds everything under
# build/check. The output gives the reason of each skip.
set -u
cd "$(dirname "$0")/.." || exit 1
. pkg/needs.sh
. pkg/account.sh
. conformance/foreign/debian13.sh
. conformance/foreign/machines.sh

FULL=0
ONLY=""
while [ $# -gt 0 ]; do
  case "$1" in
    --full) FULL=1 ;;
    --only) shift; ONLY=",${1:?--only needs the names of steps}," ;;
    -h | --help) sed -n '3,13s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "check.sh: unknown option '$1' (see --help)" >&2; exit 2 ;;
  esac
  shift
done

B=$PWD/build/check
RESULTS=$B/results
JOBS=$(nproc)
rm -rf "$RESULTS"
mkdir -p "$RESULTS"
CLANG=$(newest_clang)
need_packages "${BUILD_PACKAGES[@]}" "${CHECK_PACKAGES[@]}" "clang-$CLANG" "lld-$CLANG" "libclang-rt-$CLANG-dev" || exit 1
BY_CLANG=("-DCMAKE_C_COMPILER=clang-$CLANG" "-DCMAKE_CXX_COMPILER=clang++-$CLANG")
# On a computer with systemd, installing these packages would start their daemons for good. There the user decides, and
# the tests that need them name what is missing; they do the same without root.
if [ "$(id -u)" -eq 0 ] && [ ! -d /run/systemd/system ]; then
  need_packages "${NETWORK_PACKAGES[@]}" || echo "Tests on networks of their own will be skipped"
fi
command -v ccache >/dev/null && export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
export CCACHE_SLOPPINESS=pch_defines,time_macros # the tests have precompiled headers
# Where the build only needs the compiler's warnings or a sanitizer, the standard headers are precompiled, which halves the
# time for a source. A missing #include is found by the gcc step, which builds as a user does.
PRECOMPILED=-DFREEVISA_PRECOMPILE=ON
# A sanitizer's report needs line numbers and no other debug information; without it, compiling and linking are faster.
LINES_ONLY=(-DCMAKE_C_FLAGS_DEBUG=-g1 -DCMAKE_CXX_FLAGS_DEBUG=-g1)
# A sanitizer that finds something must fail the test, not only print.
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

# The folder of the lock file for all processes, as the installed tmpfiles.d makes it at boot.
if [ "$(id -u)" -eq 0 ] && [ ! -d /run/lock/freevisa ]; then
  install -d -m 2770 -g dialout /run/lock/freevisa
fi

wanted() { [ -z "$ONLY" ] || [[ $ONLY == *,$1,* ]]; }

# fuzz_target PROGRAM SECONDS: fuzzes from the corpus and from what earlier runs found.
fuzz_target() {
  local name corpus
  name=$(basename "$1")
  corpus=conformance/fuzz/corpus/${name#fuzz_}
  mkdir -p "$B/fuzz-work/$name"
  step "$name" timeout $(($2 + 120)) "$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 "$B/fuzz-work/$name" "$corpus"
  grep -h 'stat::number_of_executed_units' "$RESULTS/$name.log" | sed "s/^/  $name: /"
}

if wanted style; then
  note "Style: layers, form, commit messages, licences, format"
  step layers python3 conformance/tools/check_layers.py
  step form python3 conformance/tools/check_form.py
  if git rev-parse --git-dir >/dev/null 2>&1; then
    step commits python3 conformance/tools/check_commits.py
  else
    skip commits "there is no history here"
  fi
  format_is_clean() {
    git ls-files '*.h' '*.cpp' '*.c' | grep -v '^include/' | xargs "$FORMAT" --dry-run -Werror
  }
  if need_format; then
    step format format_is_clean
  else
    skip format "the tree is formatted by $FORMAT, which this system's archive has not"
  fi
fi

# How many random formats are compared with the C library (default 100000).
[ "$FULL" -eq 1 ] && export FREEVISA_FORMAT_ROUNDS=1000000

if wanted gcc; then
  note "gcc: everything, as a user builds it, warnings as errors"
  build gcc all -DCMAKE_BUILD_TYPE=Release -DFREEVISA_WERROR=ON -DFREEVISA_COMPAT_LINKS=ON &&
    tests gcc -E '^(clients:(pyvisa|vxi11)|rules:freevisa)' && {
    closing rules env "XDG_CONFIG_HOME=$B/gcc/conformance/no_lan" "$B/gcc/conformance/rules/visa_rules" --strict \
      --configure freevisa --sim "$B/gcc/freevisa" "$B/gcc/libvisa.so.1" >"$RESULTS/rules.out" 2>&1 &
    rules=$!
  }
fi

# The rules and other people's client programs mostly wait, so they run beside the other builds and are counted at the end.
if wanted clients; then
  note "Programs nobody here wrote: PyVISA of Debian and the newest, PyMeasure, QCoDeS, and what else speaks VXI-11, HiSLIP and serial, in the background"
  [ -e "$B/gcc/libvisa.so.1" ] || build gcc all -DCMAKE_BUILD_TYPE=Release -DFREEVISA_WERROR=ON -DFREEVISA_COMPAT_LINKS=ON
  (
    closing pyvisa-debian /usr/bin/python3 conformance/clients/pyvisa/run.py \
      --build "$B/gcc" --python /usr/bin/python3
    if newest=$(newest_pyvisa "$B/venv" pytest numpy); then
      closing pyvisa-newest "$newest" conformance/clients/pyvisa/run.py --build "$B/gcc" --python "$newest"
      closing plugin-newest python3 conformance/clients/plugin/run.py "$B/gcc/libvisa.so.1" "$B/gcc/freevisa" "$newest"
    else
      fails "the newest PyVISA could not be installed by pip" pyvisa-newest plugin-newest
    fi
    closing vxi11-peers python3 conformance/clients/vxi11/run.py "$B/gcc" /usr/bin/python3 ${newest:+"$newest"}
    if python=$(newest_pyvisa "$B/pyvisa-py-wires-venv" pyvisa-py pyserial pyusb python-usbtmc); then
      closing hislip-peers "$python" conformance/clients/hislip/run.py "$B/gcc"
      closing serial-peers "$python" conformance/clients/serial/run.py "$B/gcc"
      closing usb-peers "$python" conformance/clients/usb/run.py "$B/gcc"
    else
      fails "pyvisa-py could not be installed by pip" hislip-peers serial-peers usb-peers
    fi
    if drivers=$(instrument_drivers "$B/drivers-venv"); then
      closing instrument-drivers "$drivers" conformance/clients/instrument_drivers/run.py \
        --build "$B/gcc" --python "$drivers"
    else
      fails "PyMeasure and QCoDeS could not be installed by pip" instrument-drivers
    fi
  ) >"$RESULTS/clients.out" 2>&1 &
  clients=$!
fi

# One build serves four purposes, because compiling takes most of the time: the warnings of clang with its
# thread-safety analysis, the sanitizers, the fuzz targets, and the commands by which clang-tidy reads the sources.
SANITIZED=("${BY_CLANG[@]}" -DCMAKE_BUILD_TYPE=Debug $PRECOMPILED
  "${LINES_ONLY[@]}" -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld -DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld
  -DFREEVISA_WERROR=ON -DFREEVISA_SANITIZE=address,undefined -DFREEVISA_FUZZ=ON)
if wanted clang || wanted fuzz; then
  note "clang: thread-safety analysis, warnings as errors, address and undefined-behaviour sanitizers"
  build clang all "${SANITIZED[@]}"
  built=$?
fi
if wanted clang && [ "$built" -eq 0 ]; then
  tests clang -E '^(clients:|bench_|abi:|rules:)'
fi

# tidy_is_clean: runs the checks of .clang-tidy over lib, drivers and tools, as the clang build compiles them. Prints what
# they find, file by file.
tidy_is_clean() {
  sed -n 's/^ *"file": "\(.*\)".*/\1/p' "$B/clang/compile_commands.json" | grep -E "^$PWD/(lib|drivers|tools)/.*\.cpp$" |
    sort -u | TIDY=clang-tidy-$CLANG BUILD=$B/clang xargs -P "$JOBS" -n 1 \
    bash -c 'found=$("$TIDY" --quiet -p "$BUILD" "$1" 2>&1) || { echo "$found"; exit 1; }' tidy
}
if wanted tidy; then
  note "clang-tidy: the checks of .clang-tidy"
  if ! need_tidy "$CLANG"; then
    skip tidy "this system's archive has no clang-tidy-$CLANG"
  elif [ -e "$B/clang/compile_commands.json" ] || step tidy-configure cmake -S . -B "$B/clang" -G Ninja "${SANITIZED[@]}"; then
    step tidy tidy_is_clean
  fi
fi

if wanted tsan; then
  note "Thread sanitizer: core, locks, drivers"
  # How long sixteen threads use the same sessions with events, jobs and locks (default 5 s).
  [ "$FULL" -eq 1 ] && export FREEVISA_STRESS_SECONDS=60
  looked_at=""
  for part in lib_{base,core,locks,events,abi} library drivers_{common,discovery,example,gpib,hislip,libusb,serial,socket,usb,vxi11}; do
    looked_at+=" unit_$part"
  done
  [ "$FULL" -eq 0 ] || looked_at+=" unit_tools_sim" # the bench has one thread
  build tsan "$looked_at" -DCMAKE_BUILD_TYPE=Debug "${LINES_ONLY[@]}" $PRECOMPILED -DFREEVISA_WERROR=ON \
    -DFREEVISA_SANITIZE=thread &&
    tests tsan -R '^(lib/(base|core|locks|events|abi)|library|drivers/|tools/sim:)'
fi

if wanted fuzz && [ "$built" -eq 0 ]; then
  seconds=6
  fuzz=clang
  if [ "$FULL" -eq 1 ]; then # optimised, because a campaign needs many inputs
    seconds=600
    fuzz=fuzz
    build fuzz fuzz_targets "${BY_CLANG[@]}" \
      -DCMAKE_BUILD_TYPE=RelWithDebInfo -DFREEVISA_FUZZ=ON -DFREEVISA_SANITIZE=address,undefined
  fi
  note "Fuzzing: each target $seconds s from its corpus"
  fuzzers=()
  for target in "$B/$fuzz"/conformance/fuzz/fuzz_*; do
    [ -x "$target" ] || continue
    fuzz_target "$target" $seconds &
    fuzzers+=($!)
    # One fuzzer per processor at a time.
    [ ${#fuzzers[@]} -lt "$JOBS" ] || wait "${fuzzers[-$JOBS]}"
  done
  wait "${fuzzers[@]}"
  [ ${#fuzzers[@]} -gt 0 ] || fails "no fuzz target was built" fuzz
fi

if wanted drivers; then
  note "Each driver off in turn, and none at all"
  configuring=()
  for switch in $(sed -n 's/^visa_add_driver(\([a-z0-9_]*\).*/driver_\1/p' drivers/*/CMakeLists.txt) finder_lan; do
    step "without-$switch" cmake -S . -B "$B/without-$switch" -G Ninja "-DFREEVISA_${switch^^}=OFF" \
      -DFREEVISA_BUILD_TESTS=OFF &
    configuring+=($!)
    all_off+=" -DFREEVISA_${switch^^}=OFF"
    [ ${#configuring[@]} -lt "$JOBS" ] || wait "${configuring[-$JOBS]}"
  done
  wait "${configuring[@]}"
  all_off+=" -DFREEVISA_TLS=OFF"
  # shellcheck disable=SC2086
  build no-drivers visa ${all_off:-} "${BY_CLANG[@]}" \
    -DFREEVISA_BUILD_TESTS=OFF -DFREEVISA_WERROR=ON $PRECOMPILED
  # The example alone: a wire needs no other.
  # shellcheck disable=SC2086
  build example visa ${all_off/-DFREEVISA_DRIVER_EXAMPLE=OFF/-DFREEVISA_DRIVER_EXAMPLE=ON} \
    -DCMAKE_BUILD_TYPE=Debug "${LINES_ONLY[@]}" -DFREEVISA_BUILD_TESTS=OFF -DFREEVISA_WERROR=ON $PRECOMPILED
fi

# A compiler newer than Debian 12's, and other kinds of machines (conformance/foreign). Builds that only need the
# compiler's warnings are not optimised.
DEBIAN13=$B/debian13
in_debian13() { debian13_run "$DEBIAN13" "$@"; }
# debian13_here NAME PACKAGE...: makes a Debian 13 with PACKAGEs, or says why NAME is left out.
debian13_here() {
  local name=$1 why
  shift
  need_packages mmdebstrap >/dev/null 2>&1 # if that fails, debian13_missing says so
  why=$(debian13_missing)
  if [ -z "$why" ] && ! debian13_make "$DEBIAN13" "$@" >"$RESULTS/$name-root.log" 2>&1; then
    why="it could not be made: $(grep -E '^E: ' "$RESULTS/$name-root.log" | tail -1) ($RESULTS/$name-root.log)"
  fi
  [ -z "$why" ] || { skip "$name" "$why"; return 1; }
}
# debian13_build NAME OPTION...: builds everything there, in /build/NAME.
debian13_build() {
  local folder=/build/$1
  shift
  in_debian13 cmake -S /src -B "$folder" -G Ninja -DFREEVISA_WERROR=ON -DFREEVISA_COMPAT_LINKS=ON "$@" &&
    in_debian13 cmake --build "$folder" -j "$JOBS" -- -k 0 # all errors of a compiler in one run
}
# debian13_tests NAME: runs the unit tests there.
debian13_tests() {
  in_debian13 ctest --test-dir "/build/$1" --output-on-failure --timeout 300 -j "$JOBS" \
    --output-junit "/build/$1.xml" -R '^(lib|drivers|tools|library)[/:]' >"$RESULTS/ctest-debian13-$1.log" 2>&1
  python3 pkg/count_tests.py "debian13-$1" "$DEBIAN13-build/$1.xml" "$RESULTS/account" 2>>"$RESULTS/failures"
}

if wanted debian13 && debian13_here debian13; then
  note "Debian 13: everything by its g++, warnings as errors"
  if [ "$FULL" -eq 0 ]; then
    step debian13-gcc debian13_build gcc -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O0 $PRECOMPILED
  else
    step debian13-gcc debian13_build gcc-full -DCMAKE_BUILD_TYPE=Release && debian13_tests gcc-full
    debian13_here debian13-clang clang lld &&
      step debian13-clang debian13_build clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang \
        -DCMAKE_CXX_COMPILER=clang++ "${LINES_ONLY[@]}" $PRECOMPILED && debian13_tests clang
  fi
fi

if [ "$FULL" -eq 1 ] && wanted foreign && debian13_here foreign "${FOREIGN_PACKAGES[@]}"; then
  note "Machines this is not: ${FOREIGN_MACHINES[*]}"
  built=()
  for machine in amd64 "${FOREIGN_MACHINES[@]}"; do
    step "foreign-$machine" in_debian13 /src/conformance/foreign/cross.sh "$machine" || continue
    [ "$machine" = amd64 ] || built+=("$machine")
  done
  LIMIT=3600 closing foreign conformance/foreign/debian13.sh "$DEBIAN13" python3 /src/conformance/foreign/run.py \
    "${built[@]}"
fi

if [ "$FULL" -eq 1 ] && wanted install; then
  note "The Debian packages and the wheel on clean systems"
  need_packages mmdebstrap "${WHEEL_PACKAGES[@]}" >/dev/null 2>&1 # install_test.sh says what is missing
  LIMIT=5400 closing install pkg/install_test.sh "$B/install" make
fi

if [ "$FULL" -eq 1 ] && wanted clients; then
  note "GPIB: every length from 0 to 70,000 both ways, over each kind of adapter"
  LIMIT=7200 closing gpib-sweep python3 conformance/clients/gpib/run.py "$B/gcc" --whole
  LIMIT=8100 closing dongles python3 conformance/clients/dongle/run.py "$B/gcc" /usr/bin/python3 long
fi

if [ "$FULL" -eq 1 ] && wanted guest; then
  note "USB with a real kernel, in a virtual machine"
  need_packages "${GUEST_PACKAGES[@]}" >/dev/null 2>&1 # run.py says what is missing
  build guest "usb_redirection freevisa" -DCMAKE_BUILD_TYPE=Debug $PRECOMPILED
  if ! python=$(newest_pyvisa "$B/pyvisa-py-usb-venv" pyvisa-py pyusb python-usbtmc); then
    fails "pyvisa-py could not be installed by pip" guest
  elif ! conformance/guest/kernel.sh "$B/guest-kernel" >"$RESULTS/guest-kernel.log" 2>&1; then
    skip guest "Debian's kernel could not be had: $(tail -1 "$RESULTS/guest-kernel.log")"
  else
    LIMIT=1800 closing guest python3 conformance/guest/run.py "$B/guest" "$B/guest-kernel" "$python" "$B/guest/freevisa"
  fi
fi

if [ "$FULL" -eq 1 ] && wanted bench; then
  note "Benchmarks in full, against the floor"
  build bench all -DCMAKE_BUILD_TYPE=Release
  for row in "visa_bench $B/bench/libvisa.so.1" "vxi11_bench $B/bench/libvisa.so.1" \
    "hislip_bench $B/bench/libvisa.so.1" "hislip_tls_bench $B/bench/libvisa.so.1" \
    "serial_bench $B/bench/libvisa.so.1" "usb_bench $B/bench/libvisa.so.1" \
    "lock_bench $B/bench/libvisa.so.1" event_bench server_bench format_bench; do
    # shellcheck disable=SC2086
    "$B/bench/conformance/bench/"$row | tee "$RESULTS/bench.log"
    if [ "${PIPESTATUS[0]}" -eq 0 ]; then record "${row%% *}" 1 0 0; else record "${row%% *}" 0 1 0; fi
  done
fi

for background in rules clients; do
  [ -n "${!background:-}" ] || continue
  wait "${!background}"
  note "What ran in the background: $background"
  cat "$RESULTS/$background.out"
done

total
