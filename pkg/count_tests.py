#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Adds one ctest run to the account of check.sh: count_tests.py NAME JUNIT ACCOUNT [BUILD AGAIN].

Prints the tests that were skipped, each with its reason, and those that failed; to standard error the end of what each of
these printed. Exit status 1 when a test failed or none ran.

With AGAIN, up to five failed tests are not counted. For each a line is written there by which check.sh runs the test again
alone, from the folder BUILD. What a sanitizer reports is counted at once.
"""
import re
import shlex
import sys
import xml.etree.ElementTree as tree

LINES_OF_A_FAILURE = 40
MOST_AGAIN = 5
SECONDS = 300
SANITIZER = re.compile(r"Sanitizer:|runtime error:|data race")
REASON = re.compile(r"(?:Skipped|skipp?ed|SKIP)[:\s]*(.*)")


def main():
    name, junit, account, *again = sys.argv[1:]
    doubtful = []
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
            print(f"  {name}: FAILED {case.get('name')}")
            output = case.findtext("system-out") or ""
            end = output.splitlines()[-LINES_OF_A_FAILURE:]
            print(f"== {name}: {case.get('name')}", *(line[:300] for line in end), sep="\n", file=sys.stderr)
            if SANITIZER.search(output):
                failed += 1
            else:
                doubtful.append(case.get("name"))
        else:
            passed += 1
    if again and len(doubtful) <= MOST_AGAIN:
        with open(again[1], "a", encoding="utf-8") as file:
            file.writelines(run_again(name, test, again[0]) for test in doubtful)
    else:
        failed += len(doubtful)
    if not cases:
        failed = 1
    with open(account, "a", encoding="ascii") as file:
        file.write(f"{passed} {failed} {skipped} {name}\n")
    print(f"  {name}: {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or doubtful else 0


def run_again(name, test, build):
    """The line of check.sh's alone(): a name, the most seconds, the command."""
    command = ["ctest", "--test-dir", build, "--output-on-failure", "--no-tests=error", "--timeout", str(SECONDS),
               "--repeat", "until-fail:3", "-R", f"^{re.escape(test)}$"]
    return shlex.join([f"{name}-{test}-test", str(3 * SECONDS), *command]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
