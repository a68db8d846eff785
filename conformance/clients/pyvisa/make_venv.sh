#!/bin/sh
# SPDX-License-Identifier: MIT
# make_venv.sh DIR: the newest PyVISA with what its tests need, in a private environment. PYTHON chooses
# the interpreter (3.10 or later; PyVISA's own demand). Run again it brings DIR up to date.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
"${PYTHON:-python3}" -m venv "$1"
timeout 300 "$1/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade \
  pyvisa pytest numpy
"$1/bin/python" -c 'import sys, pyvisa
print("PyVISA", pyvisa.__version__, "on Python", sys.version.split()[0])'
