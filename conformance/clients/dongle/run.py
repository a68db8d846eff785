# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR PYTHON [long] [KIND...]

The bench's USB adapters of a GPIB bus with libvisa, by PYTHON's PyVISA: client.py under umockdev with each KIND (one of
each family). The last line is `N passed, N failed, N skipped`. Exit code 77: umockdev, PyVISA or the driver is missing.
"""
import ctypes
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ["ni-hs", "82357b", "xyphro"]
LONG_KINDS = ["ni-hs", "ni-hs-plus", "kusb-488a", "82357a", "82357b", "82357b-clone", "xyphro", "gpibee"]
LIMIT = 100


def skip(reason):
    print("skipped: " + reason)
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(77)


def environment(folder, build, kind):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYVISA", "FREEVISA", "XDG_"))}
    home = os.path.join(folder, "home")
    os.makedirs(os.path.join(home, "freevisa"), exist_ok=True)
    with open(os.path.join(home, "freevisa", "freevisa.toml"), "w", encoding="ascii") as file:
        file.write("[settings]\nlan_discovery = false\n[finder.serial]\nsearch = false\n")
    return dict(kept, HOME=home, XDG_CONFIG_HOME=home, PYTHONDONTWRITEBYTECODE="1", DONGLE=kind,
                PYVISA_LIBRARY=os.path.join(build, "libvisa.so.1"))


def run(build, python, kind, how, limit):
    with tempfile.TemporaryDirectory() as folder:
        control = os.path.join(folder, "control")
        command = [os.path.join(build, "freevisa"), "sim", "--dongle", kind, "--no-vxi11", "--no-hislip", "--no-serial",
                   "--control", "unix:" + control, "pyvisa", "dmm", "scope", "psu", "--", python, "-W", "ignore",
                   os.path.join(HERE, "client.py"), control, how]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                   env=environment(folder, build, kind), start_new_session=True)
        try:
            said, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            said = process.communicate()[0] + "failed %s was not finished after %d s\n" % (kind, limit)
        if process.returncode != 0:
            said += "failed %s ended with %d\n" % (kind, process.returncode)
    print("== %s\n%s" % (kind, said), flush=True)
    lines = said.splitlines()
    return [sum(line.startswith(word) for line in lines) for word in ("ok ", "failed ")]


def main():
    build, python, *more = sys.argv[1:]
    build = os.path.abspath(build)
    long = "long" in more
    kinds = [one for one in more if one != "long"] or (LONG_KINDS if long else KINDS)
    try:
        ctypes.CDLL("libumockdev-preload.so.0")
    except OSError as reason:
        skip("%s (Debian, Ubuntu: umockdev)" % reason)
    if subprocess.run([python, "-c", "import pyvisa"], capture_output=True, timeout=60, check=False).returncode != 0:
        skip("%s has no PyVISA" % python)
    passed = failed = 0
    for kind in kinds:
        done = run(build, python, kind, "long" if long else "short", 10 * LIMIT if long else LIMIT)
        passed, failed = passed + done[0], failed + done[1]
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
