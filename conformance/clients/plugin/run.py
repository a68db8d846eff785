# SPDX-License-Identifier: MIT
"""run.py LIBVISA FREEVISA [PYTHON]: the backend "@freevisa" of the Python package, without installing it.

The package of pkg/wheel is laid out with this build's library, and PYTHON, which has PyVISA, runs client.py with it under
a bench. The last line is "N passed, N failed, N skipped"; exit code 77: PYTHON has no PyVISA.
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = os.path.join(HERE, "..", "..", "..", "pkg", "wheel")


def lay_out(folder, library, freevisa):
    for package in ("freevisa", "pyvisa_freevisa"):
        shutil.copytree(os.path.join(PACKAGES, package), os.path.join(folder, package))
    for part, name, file in (("_lib", "libvisa.so.1", library), ("_bin", "freevisa", freevisa)):
        os.mkdir(os.path.join(folder, "freevisa", part))
        os.symlink(os.path.abspath(file), os.path.join(folder, "freevisa", part, name))


def main():
    library, freevisa = sys.argv[1:3]
    python = sys.argv[3] if len(sys.argv) > 3 else sys.executable
    asked = subprocess.run([python, "-c", "import pyvisa; print(pyvisa.__version__)"], capture_output=True, text=True,
                           timeout=60, check=False)
    if asked.returncode != 0:
        print("skipped: %s has no PyVISA\n0 passed, 0 failed, 1 skipped" % python)
        return 77
    print("PyVISA " + asked.stdout.strip())
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder, library, freevisa)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYVISA", "FREEVISA", "PYTHON"))}
        environment = dict(kept, PYTHONPATH=folder, HOME=folder, PYTHONDONTWRITEBYTECODE="1")
        bench = [os.path.abspath(freevisa), "sim", "--port", "0", "--vxi11-port", "0", "--hislip-port", "0"]
        lines = []
        for extra, names in (([], ["dmm", "dmm-vxi11", "dmm-hislip", "dmm-serial"]), (["--usb"], ["dmm-usb"])):
            done = subprocess.run([*bench, *extra, "dmm", "scope", "--", python, os.path.join(HERE, "client.py"), *names],
                                  capture_output=True, text=True, timeout=300, env=environment, check=False)
            found = done.stdout.splitlines()
            if "end of the client" not in found:
                if extra and "umockdev" in done.stderr:
                    found.append("skipped: USB: umockdev is missing (Debian, Ubuntu: umockdev)")
                else:
                    found.append("FAIL: the client ended with %d: %s" % (done.returncode, (done.stdout + done.stderr)[-1500:]))
            lines += found
    print("\n".join(lines))
    counts = [sum(line.startswith(mark) for line in lines) for mark in ("PASS: ", "FAIL: ", "skipped: ")]
    print("%d passed, %d failed, %d skipped" % tuple(counts))
    return 1 if counts[1] or not counts[0] else 0


if __name__ == "__main__":
    sys.exit(main())
