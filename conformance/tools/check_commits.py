#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds commit messages to the form that CONTRIBUTING.md asks for: a subject of at most 72 characters, an empty line,
and a body that says why. Merges are left out, and what was committed before SINCE, when the rule began: some older
commits have no body. Reading no commit at all is an objection too, since it would show nothing.

Exit status 1 if there is anything to report. Usage: check_commits.py [ROOT]
"""
import pathlib
import subprocess
import sys

SINCE = "2026-11-30T12:50:00Z"
MOST = 72


def problems_of(message):
    """What is wrong with one message, as texts."""
    lines = message.rstrip("\n").split("\n")
    if len(lines[0]) > MOST:
        yield f"the subject has {len(lines[0])} characters, at most {MOST}"
    if len(lines) > 1 and lines[1]:
        yield "no empty line after the subject"
    if not any(line.strip() for line in lines[1:]):
        yield "no body says why"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    listed = subprocess.run(
        ["git", "-C", root, "log", "--no-merges", f"--since={SINCE}", "--format=%h%x00%B%x01"],
        capture_output=True, text=True)
    if listed.returncode != 0:
        print("no history to read: " + listed.stderr.strip())
        return 1
    found = 0
    count = 0
    for entry in listed.stdout.split("\x01"):
        commit, _, message = entry.strip("\n").partition("\0")
        if not commit:
            continue
        count += 1
        for problem in problems_of(message):
            found += 1
            print(f"{commit} {message.splitlines()[0][:60]}: {problem}")
    if count == 0:
        found += 1
        print(f"no commit since {SINCE} was read, so nothing was checked")
    print(f"{count} commits read, {found} objections")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
