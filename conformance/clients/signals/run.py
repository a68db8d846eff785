# SPDX-License-Identifier: MIT
"""run.py LIBVISA FREEVISA: signals while a read waits, over every wire of the bench.

With abort_on_signal in [settings] the read ends at once with VI_ERROR_ABORT, and the next query gets its own answer;
without it the read waits for its timeout. The last line is "N passed, N failed, N skipped".
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WIRES = ("", "-vxi11", "-hislip", "-serial")


def run(command, wires, library):
    """Runs the client under a bench; returns its lines."""
    asked = subprocess.run([*command, "--", sys.executable, os.path.join(HERE, "client.py"), library, *wires],
                           capture_output=True, text=True, timeout=200, check=False)
    lines = asked.stdout.splitlines()
    if "end of the client" not in lines:
        lines.append("FAIL: the client ended with %d: %s" % (asked.returncode, (asked.stdout + asked.stderr)[-800:]))
    return lines


def main():
    library, freevisa = (os.path.abspath(path) for path in sys.argv[1:3])
    bench = [freevisa, "sim", "--port", "0", "--vxi11-port", "0", "--hislip-port", "0"]
    lines = run([*bench, "dmm"], ["dmm" + wire for wire in WIRES], library)
    usb = run([*bench, "--usb", "dmm"], ["dmm-usb"], library)
    if any("umockdev" in line and line.startswith("FAIL") for line in usb):
        usb = ["skipped: USB: umockdev is missing (Debian, Ubuntu: umockdev)"]
    lines += usb
    print("\n".join(lines))
    counts = [sum(line.startswith(mark) for line in lines) for mark in ("PASS: ", "FAIL: ", "skipped: ")]
    print("%d passed, %d failed, %d skipped" % tuple(counts))
    return 1 if counts[1] or not counts[0] else 0


if __name__ == "__main__":
    sys.exit(main())
