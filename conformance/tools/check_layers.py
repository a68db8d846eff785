#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the tree to its design: who may include whom, how long a file may be, how exceptions are caught.

Reads every source file under lib/, drivers/, tools/, include/ and conformance/ and reports, one line each:
  - an #include "..." that goes up or sideways against ALLOWED;
  - a file over MAX_LINES that is not listed in LONG with its reason;
  - a `catch (...)` that is not preceded by the clause that lets forced unwinding through;
  - a file whose first lines lack the SPDX line.
Exit status 1 if there is anything to report. Usage: check_layers.py [ROOT]
"""
import pathlib
import re
import sys

MAX_LINES = 400

# folder -> the folders its files may include, besides itself. A missing folder may include nothing.
LIBRARY = ["lib/base", "lib/model", "lib/spi"]
ALLOWED = {
    "lib/base": [],
    "lib/model": ["lib/base"],
    "lib/spi": ["lib/base", "lib/model"],
    "drivers/common": LIBRARY,
    "drivers/libusb": LIBRARY + ["drivers/common"],
    "drivers/*": LIBRARY + ["drivers/common"],
    "drivers/usb": LIBRARY + ["drivers/common", "drivers/libusb"],
    "drivers/gpib": LIBRARY + ["drivers/common", "drivers/libusb"],
    "lib/toml": [],
    "lib/config": LIBRARY + ["lib/toml"],
    "lib/locks": LIBRARY,
    "lib/events": LIBRARY,
    "lib/format": LIBRARY,
    "lib/core": LIBRARY + ["lib/config", "lib/locks", "lib/events", "lib/format"],
    "lib/abi": LIBRARY + ["lib/config", "lib/locks", "lib/events", "lib/format", "lib/core"],
    # The bench and the command are programs of their own: they see the public API alone, and how TOML is
    # read.
    "tools/freevisa": ["lib/toml"] +
    ["tools/sim/" + folder for folder in ("bench", "control", "description", "discovery", "recording", "signal")],
}

# The same inside tools/sim, from the bottom up. A folder without a line may include nothing; only `bench`
# and what stands on it know which wires there are.
EXCHANGE = ["base", "engine"]
SIM = {
    "base": [],
    "net": ["base"],
    "engine": ["base"],
    "scpi": EXCHANGE,
    "signal": [],
    "tables": ["lib/toml"],
    "recording": EXCHANGE + ["tables"],
    "description": EXCHANGE + ["recording", "scpi", "signal", "tables"],
    "discovery": ["base", "net"],
    "security": [],
    "rpc": EXCHANGE + ["net"],
    "socket": EXCHANGE + ["net"],
    "vxi11": EXCHANGE + ["net", "rpc", "tables"],
    "hislip": EXCHANGE + ["net", "security", "tables"],
    "serial": EXCHANGE + ["tables"],
    "usb": EXCHANGE + ["net", "tables"],
    "gpib": EXCHANGE + ["net", "serial", "tables", "usb"],
    "dongle": EXCHANGE + ["gpib", "tables", "usb"],
    "bench": EXCHANGE + ["description", "discovery", "scpi", "socket", "vxi11", "hislip", "serial", "usb", "gpib",
                         "dongle"],
    "control": EXCHANGE + ["bench", "net"],
}
ALLOWED |= {
    "tools/sim/" + folder: [other if "/" in other else "tools/sim/" + other for other in others]
    for folder, others in SIM.items()
}

LONG = {
    "include/visa.h": "the whole C API in the one header every VISA source includes",
}

SOURCES = {".h", ".hpp", ".c", ".cpp", ".cc"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
CATCH_ALL = re.compile(r"catch\s*\(\s*\.\.\.\s*\)")
# A clause that names the forced unwinding and throws on, directly before the catch-all or before other clauses.
FORCED = re.compile(r"catch\s*\(\s*(?:const\s+)?(?:[\w:]*forced_unwind)\s*&\s*\)\s*\{\s*throw;\s*\}")


def folder_of(path):
    """The folder that the table speaks of: two levels, three in the bench, conformance as a whole."""
    parts = path.split("/")
    if parts[0] == "conformance":
        return "conformance"
    levels = 3 if parts[:2] == ["tools", "sim"] else 2
    return "/".join(parts[: max(1, min(levels, len(parts) - 1))])


def allowed_for(folder):
    if folder in ALLOWED:
        return ALLOWED[folder]
    if folder.startswith("drivers/"):
        return ALLOWED["drivers/*"]
    return []


def check_includes(path, text):
    folder = folder_of(path)
    if not folder.startswith(("lib/", "drivers/", "tools/")):
        return  # tests may look everywhere; the public headers include each other by bare name
    for target in INCLUDE.findall(text):
        other = folder_of(target)
        if other != folder and other not in allowed_for(folder):
            yield f'{path}: includes "{target}", but {folder} may not use {other}'


def check_length(path, text):
    lines = text.count("\n")
    if lines > MAX_LINES and path not in LONG:
        yield f"{path}: {lines} lines; at most {MAX_LINES}, or a reason in LONG"


def check_catches(path, text):
    for found in CATCH_ALL.finditer(text):
        # From the start of the statement's `try` to the catch-all: the clauses of this statement.
        before = text[: found.start()]
        clauses = before[before.rfind("try") :]
        if not FORCED.search(clauses):
            line = before.count("\n") + 1
            yield f"{path}:{line}: catch (...) without `catch (abi::__forced_unwind&) {{ throw; }}` before it"


def check_licence(path, text):
    if "SPDX-License-Identifier: MIT" not in "\n".join(text.splitlines()[:3]):
        yield f"{path}: no SPDX-License-Identifier line at the top"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    problems = []
    count = 0
    for top in ("include", "lib", "drivers", "tools", "conformance", "pkg", "cmake"):
        for file in sorted((root / top).rglob("*")):
            if not file.is_file() or "/corpus/" in str(file):
                continue
            path = str(file.relative_to(root))
            name = file.name
            if file.suffix in SOURCES:
                count += 1
                text = file.read_text()
                for check in (check_includes, check_length, check_catches, check_licence):
                    problems += check(path, text)
            elif file.suffix in {".py", ".sh", ".cmake"} or name == "CMakeLists.txt":
                count += 1
                text = file.read_text()
                problems += check_length(path, text)
                problems += check_licence(path, text)
    for problem in problems:
        print(problem)
    print(f"{count} files read, {len(problems)} objections")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
