# SPDX-License-Identifier: MIT
"""Reads the fact sheets of conformance/spec for the ABI tests. Standard library only."""
import csv
import os
import re
import sys

SKIPPED = 77  # the exit code ctest counts as "skipped" (SKIP_RETURN_CODE)


def sheet(spec_dir, name):
    with open(os.path.join(spec_dir, name + ".tsv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows:
        sys.exit("%s.tsv holds no row" % name)
    return rows


def skip(reason):
    """Ends a test that cannot run here, naming why."""
    print("SKIPPED: " + reason)
    sys.exit(SKIPPED)


class Function:
    """One row of functions.tsv: its return type and its parameters as (type, name) pairs."""

    def __init__(self, row):
        match = re.fullmatch(r"(\w+) (\w+)\((.*)\)", row["prototype"])
        self.result, self.name, self.convention = match[1], match[2], row["call_conv_macro"]
        self.exported = row["status"] != "NI-ext"
        self.arguments = match[3]
        self.parameters = []
        for parameter in match[3].split(","):
            parameter = parameter.strip()
            if parameter == "...":
                self.parameters.append(("...", ""))
                continue
            name = re.search(r"(\w+)(\[\])?$", parameter)
            kind = parameter[:name.start()].strip() + (" *" if name[2] else "")
            self.parameters.append((kind, name[1]))


def functions(spec_dir):
    return [Function(row) for row in sheet(spec_dir, "functions")]


def exported_names(spec_dir):
    return {function.name for function in functions(spec_dir) if function.exported}
