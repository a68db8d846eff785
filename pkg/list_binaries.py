# SPDX-License-Identifier: MIT
"""list_binaries.py FILE...: what is in packages (.deb) and wheels (.whl), as rows of a table.

A row for each package with its size, then one for each program and library in it: its size, what it needs (NEEDED), where it
looks for that (RUNPATH), and how it is hardened:
  relro      the tables of the loader are read-only after loading     now    all symbols are bound when it is loaded
  pie        the program can be loaded anywhere                       stack  functions guard their return address
  fortify    calls of the C library check the size of buffers         cet, bti-pac    the processor checks jumps and returns
  execstack  WRONG: the stack can be executed
Needs readelf, and dpkg-deb for .deb.
"""
import os
import re
import subprocess
import sys
import tempfile
import zipfile


def read(*options, path):
    return subprocess.run(["readelf", "-W", *options, path], capture_output=True, text=True, check=True).stdout


def hardening(path):
    segments, dynamic, symbols, notes = (read(option, path=path) for option in ("-l", "-d", "--dyn-syms", "-n"))
    is_program = "INTERP" in segments
    found = {
        "relro": "GNU_RELRO" in segments,
        "now": bool(re.search(r"\(FLAGS(?:_1)?\).*\bNOW\b", dynamic)) or "BIND_NOW" in dynamic,
        "pie": is_program and "DYN (" in read("-h", path=path),
        "stack": "__stack_chk_fail" in symbols,
        "fortify": bool(re.search(r"\b__(?!stack)\w+_chk\b", symbols)),
        "cet": "IBT" in notes and "SHSTK" in notes,
        "bti-pac": "BTI" in notes and "PAC" in notes,
        "execstack": bool(re.search(r"GNU_STACK.*\bRWE\b", segments)),
    }
    return " ".join(word for word, is_so in found.items() if is_so)


def rows(folder):
    for place, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(place, name)
            if os.path.islink(path):
                continue
            with open(path, "rb") as file:
                if file.read(4) != b"\x7fELF":
                    continue
            dynamic = read("-d", path=path)
            needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
            runpath = re.findall(r"\((?:RUNPATH|RPATH)\).*\[(.*)\]", dynamic)
            yield (os.path.relpath(path, folder), os.path.getsize(path), " ".join(needed), " ".join(runpath) or "none",
                   hardening(path))


def main():
    print("| file | bytes | NEEDED | RUNPATH | hardening |\n|---|---|---|---|---|")
    for package in sys.argv[1:]:
        print("| **%s** | %d | | | |" % (os.path.basename(package), os.path.getsize(package)))
        with tempfile.TemporaryDirectory() as folder:
            if package.endswith(".whl"):
                zipfile.ZipFile(package).extractall(folder)
            else:
                subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
            for row in rows(folder):
                print("| `%s` | %d | %s | %s | %s |" % row)


main()
