#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The account of check.sh: what ran, what of it failed, and what that printed. Sourced by check.sh, which sets B (the
# folder of builds), RESULTS (the folder of logs) and JOBS.

note() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }

# record NAME PASSED FAILED SKIPPED: adds one line to the account.
record() { echo "$2 $3 $4 $1" >>"$RESULTS/account"; }

# skip NAME REASON: records one thing that cannot be done here.
skip() {
  record "$1" 0 0 1
  echo "  $1: SKIPPED: $2"
}

# fails REASON NAME...: adds what failed for one reason.
fails() {
  echo "FAILED: $1" | tee -a "$RESULTS/failures"
  local one
  for one in "${@:2}"; do record "$one" 0 1 0; done
}

# keep_end NAME: keeps of the log of what failed the lines that say so, and its end. All are printed last, where nobody has
# to look for them.
keep_end() {
  {
    echo "== $1"
    grep -nE -A4 '^(FAIL|[Ff]ailed|E   |Traceback)' "$RESULTS/$1.log" | head -60
    echo "== $1, the end"
    tail -40 "$RESULTS/$1.log"
  } >>"$RESULTS/failures"
}

# step NAME COMMAND...: runs a command that passes or fails as a whole.
step() {
  local name=$1
  shift
  "$@" >"$RESULTS/$name.log" 2>&1 && { record "$name" 1 0 0; return; }
  fails "$name ($RESULTS/$name.log)" "$name"
  keep_end "$name"
  return 1
}

# build NAME TARGETS OPTION...: configures and builds $B/NAME; a failure is a failed test.
build() {
  step "build-$1" configure_and_build "$@"
}
configure_and_build() {
  local folder=$B/$1 targets=$2
  shift 2
  cmake -S . -B "$folder" -G Ninja "$@" && cmake --build "$folder" -j "$JOBS" --target $targets
}

# tests NAME OPTION...: runs ctest on $B/NAME, records its numbers and lists the skips. One test more than processors at a
# time, because many tests wait.
tests() {
  local name=$1
  shift
  ctest --test-dir "$B/$name" --output-on-failure --timeout 300 -j "$((JOBS + 1))" \
    --output-junit "$RESULTS/$name.xml" "$@" >"$RESULTS/ctest-$name.log" 2>&1
  python3 pkg/count_tests.py "$name" "$RESULTS/$name.xml" "$RESULTS/account" 2>>"$RESULTS/failures"
  return 0 # what failed is in the account, and the next tests are worth running all the same
}

# closing NAME COMMAND...: runs a command whose last line is "N passed, N failed[, N skipped]", and prints the reasons of its
# skips. LIMIT: its longest time in seconds (default 900).
closing() {
  local name=$1 line numbers=(0 1 0)
  shift
  timeout "${LIMIT:-900}" "$@" >"$RESULTS/$name.log" 2>&1
  local status=$?
  line=$(grep -E '^([A-Za-z0-9_-]+: )?[0-9]+ passed, [0-9]+ failed' "$RESULTS/$name.log" | tail -1)
  [ -z "$line" ] ||
    read -r -a numbers <<<"$(grep -oE '[0-9]+ (passed|failed|skipped)' <<<"$line" | cut -d' ' -f1 | tr '\n' ' ')"
  grep -iE 'skip|not yet|not shown|MINIMAL_TIMEOUT is' "$RESULTS/$name.log" | sed "s/^/  $name: /" | head -200
  if [ "${numbers[1]}" -eq 0 ] && { [ "$status" -eq 0 ] || [ "$status" -eq 77 ]; }; then
    record "$name" "${numbers[0]}" 0 "${numbers[2]:-0}"
    return
  fi
  echo "FAILED: $name (status $status, ${line:-no closing line})" | tee -a "$RESULTS/failures"
  keep_end "$name"
  [ "${numbers[1]}" -gt 0 ] || numbers[1]=1
  record "$name" "${numbers[0]}" "${numbers[1]}" "${numbers[2]:-0}"
}

# total: prints the account. Exit status 1 if anything failed or nothing passed.
total() {
  if [ -s "$RESULTS/failures" ]; then
    note "The end of what each failure printed"
    cat "$RESULTS/failures"
  fi
  note "All steps"
  awk '{ printf "%-24s %6d passed %4d failed %4d skipped\n", $4, $1, $2, $3; p += $1; f += $2; s += $3 }
       END { printf "\n%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p == 0 }' "$RESULTS/account"
}
