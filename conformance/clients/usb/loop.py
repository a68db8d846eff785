# SPDX-License-Identifier: MIT
"""loop.py BUILD_DIR LIBUSB_LOOP [QUERIES [POINTS]]

libusb_loop.c as the program of the bench, with whole transfers and with those of old kernels. The last line is
`N passed, N failed, N skipped`. Exit code 77: umockdev is missing.
"""
import ctypes
import os
import subprocess
import sys


def main():
    try:
        ctypes.CDLL("libumockdev-preload.so.0")
    except OSError as reason:
        print("skipped: %s (Debian, Ubuntu: umockdev)" % reason)
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(77)
    results = []
    for options in ([], ["--usb-small-urbs"]):
        command = [os.path.join(sys.argv[1], "freevisa"), "sim", "--usb", "--no-vxi11", "--no-hislip", *options,
                   "scope", "--", *sys.argv[2:]]
        print(" ".join(options) or "whole transfers", flush=True)
        results.append(subprocess.run(command, stdin=subprocess.DEVNULL, timeout=50, check=False).returncode)
    failed = sum(code != 0 for code in results)
    print("%d passed, %d failed, 0 skipped" % (len(results) - failed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
