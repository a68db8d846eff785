#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds sources to the form that docs/style.md asks for, where a program can see it.

Reads every C and C++ file under lib/, drivers/ and tools/ and reports, one line each:
  - a circle of files that include each other, inside a folder or across (a .h and its .cpp count as one);
  - a function of more than MAX_FUNCTION lines;
  - a file whose head says nothing after the licence line;
  - words of a private dialect in comments.
Exceptions are listed below with their reason. Exit status 1 if there is anything to report.
Usage: check_form.py [ROOT]
"""
import pathlib
import re
import sys

MAX_FUNCTION = 50

# Two files that are one thing, split for length: they may include each other.
CIRCLES = [
    ({"lib/locks/lock_domain", "lib/locks/lock_waiter"}, "the waiter is a nested struct of the domain"),
    ({"lib/toml/toml_tree", "lib/toml/toml_guard"}, "both speak of Place"),
]

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
# What else begins a block at the indentation of a function.
NO_FUNCTION = re.compile(
    r"\s*(?:class|struct|enum|union|namespace|extern|static_assert|using|if|for|while|do|switch|try|else|return|"
    r"case|default|public|private|protected|[#/*})])")

# A comment that says "behind" for time, or leaves open which thread, caller or peer acts.
DIALECT = re.compile(
    r"\b(?:behind (?:it|that|this|the (?:first|last|call|answer|reply|deadline|end))|whoever|who (?:does|has|asks|comes|took|"
    r"wants|waits|knows)|of ours|of theirs|is had|was had|to be had|is told|are told|was told)\b")
COMMENT = re.compile(r"^\s*(?://+|#)\s?(.*)$")


def functions(text):
    """(first line, its text, number of lines) of each function: clang-format closes it with a brace alone, at the
    indentation of its first line, and indents everything between."""
    lines = text.split("\n")
    for last, line in enumerate(lines):
        if line not in ("}", "  }"):
            continue
        indent = len(line) - 1
        first = last - 1
        while first >= 0 and (not lines[first].strip() or len(lines[first]) - len(lines[first].lstrip()) > indent):
            first -= 1
        if first < 0 or NO_FUNCTION.match(lines[first]):
            continue
        if "(" in " ".join(lines[first : first + 4]):
            yield first + 1, lines[first].strip(), last - first + 1


def circles(edges):
    """Groups of units that reach each other."""
    index, low, stack, found = {}, {}, [], []

    def visit(unit):
        work = [(unit, iter(sorted(edges.get(unit, ()))))]
        index[unit] = low[unit] = len(index)
        stack.append(unit)
        while work:
            at, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    work.append((other, iter(sorted(edges.get(other, ())))))
                    break
                if other in stack:
                    low[at] = min(low[at], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[at])
                if low[at] == index[at]:
                    group = set()
                    while True:
                        member = stack.pop()
                        group.add(member)
                        if member == at:
                            break
                    if len(group) > 1:
                        found.append(group)

    for unit in sorted(edges):
        if unit not in index:
            visit(unit)
    return found


def unit_of(path):
    return str(pathlib.PurePath(path).with_suffix(""))


def check_head(path, lines):
    if len(lines) < 2 or not lines[1].startswith("//"):
        yield f"{path}: no comment after the licence line says what the file is for"


def check_words(path, lines):
    for number, line in enumerate(lines, 1):
        comment = COMMENT.match(line)
        found = DIALECT.search(comment.group(1)) if comment else None
        if found:
            yield f'{path}:{number}: "{found.group(0)}": name the thread, the caller or the peer; "after" for time'


def check_functions(path, text):
    for line, name, length in functions(text):
        if length > MAX_FUNCTION:
            yield f"{path}:{line}: {length} lines in one function, at most {MAX_FUNCTION}: {name}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    problems, edges, count = [], {}, 0
    for top in ("lib", "drivers", "tools"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in {".h", ".c", ".cpp"}:
                continue
            count += 1
            path = str(file.relative_to(root))
            text = file.read_text()
            lines = text.split("\n")
            problems += check_head(path, lines)
            problems += check_words(path, lines)
            problems += check_functions(path, text)
            targets = edges.setdefault(unit_of(path), set())
            targets |= {unit_of(t) for t in INCLUDE.findall(text)} - {unit_of(path)}
    known = set(edges)
    edges = {unit: targets & known for unit, targets in edges.items()}
    for group in circles(edges):
        if not any(group <= pair for pair, _ in CIRCLES):
            problems.append("circle of includes: " + ", ".join(sorted(group)))
    for problem in problems:
        print(problem)
    print(f"{count} files read, {len(problems)} objections")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
