#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The account of pkg/install_test.sh and pkg/install_test_foreign.sh. Sourced.
PASSED=0 FAILED=0 SKIPPED=0

passed() {
  echo "PASS: $1"
  PASSED=$((PASSED + 1))
}
failed() {
  echo "FAIL: $1"
  FAILED=$((FAILED + 1))
}
skipped() {
  echo "skipped: $1"
  SKIPPED=$((SKIPPED + 1))
}
# count_steps NAME LOG: what pkg/install_test_steps.sh reported in LOG about the system NAME.
count_steps() {
  PASSED=$((PASSED + $(grep -c '^PASS: ' "$2")))
  FAILED=$((FAILED + $(grep -c '^FAIL: ' "$2")))
  SKIPPED=$((SKIPPED + $(grep -c '^skipped: ' "$2")))
  grep -q '^end of the steps' "$2" || failed "$1: the steps did not come to their end"
}
finish() {
  echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
  [ "$FAILED" -eq 0 ] || exit 1
  [ "$PASSED" -gt 0 ] || exit 77
  exit 0
}
