#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Adds one ctest run to the account of check.sh: count_tests.py NAME JUNIT ACCOUNT.

Prints the tests that were skipped, each with its reason, and those that failed; to standard error the end of what each of
these printed. Exit status 1 when a test failed or none ran.
"""
import re
import sys
import xml.etree.ElementTree as tree

LINES_OF_A_FAILURE = 40
REASON = re.compile(r"(?:Skipped|skipp?ed|SKIP)[:\s]*(.*)")


def main():
    name, junit, account = sys.argv[1:]
    try:
        cases = tree.parse(junit).getroot().findall("testcase")
    except (OSError, tree.ParseError) as error:
        print(f"{name}: no test results: {error}")
        cases = []
    passed = failed = skipped = 0
    for case in cases:
        status = case.get("status")
        if case.find("skipped") is not None or status in ("notrun", "disabled"):
            skipped += 1
            output = case.findtext("system-out") or ""
            found = [m for m in REASON.findall(output) if m.strip()]
            reason = found[0].strip() if found else (case.find("skipped").get("message") or "no reason given")
            print(f"  {name}: skipped {case.get('name')}: {reason}")
        elif case.find("failure") is not None or status == "fail":
            failed += 1
            print(f"  {name}: FAILED {case.get('name')}")
            output = (case.findtext("system-out") or "").splitlines()[-LINES_OF_A_FAILURE:]
            print(f"== {name}: {case.get('name')}", *(line[:300] for line in output), sep="\n", file=sys.stderr)
        else:
            passed += 1
    if not cases:
        failed = 1
    with open(account, "a", encoding="ascii") as file:
        file.write(f"{passed} {failed} {skipped} {name}\n")
    print(f"  {name}: {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
