# SPDX-License-Identifier: MIT
"""run.py BUILD [--whole] [--only TEXT]

What must hold over every kind of GPIB adapter: a bench behind a Prologix over TCP, one at a serial port, an AR488, a
VXI-11 gateway, a GPIB-ENET/100 and a board of the kernel, with three programs:
  board.py   each operation, attribute and event of the board itself
  sweep.py   bytes to an instrument that returns each message as it came. With --whole every length from 0 to 70,000 and
             every message of two bytes, else the lengths at which something could change, and every byte value
  turns.py   requests of three instruments at once, what follows a timeout, and two programs at one board
The last line is `N passed, N failed, N skipped`.
"""
import argparse
import ctypes
import os
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PRELOAD = "libumockdev-preload.so.0"
INSTRUMENTS = {"loop": '[instrument]\nkind = "loopback"\nname = "loop"\n[vxi11]\ngpib = "1"\n'}
for number in (2, 3, 4):
    INSTRUMENTS["meter%d" % number] = ('[instrument]\nname = "meter%d"\nidentity = "FreeVISA,meter,%d,1.0"\n'
                                       '[[dialogue]]\nquery = "SLOW?"\nanswer = "slow"\ndelay_ms = 1000\n'
                                       '[vxi11]\ngpib = "%d"\n' % (number, number, number))
CONFIGURATION = "[settings]\nlan_discovery = false\n[finder.serial]\nsearch = false\n"
ADAPTERS = {
    "Prologix": ["--gpib", "prologix"],
    "Prologix at a serial port": ["--gpib", "prologix", "--gpib-serial", "-"],
    "AR488": ["--gpib", "ar488"],
    "gateway": None,
    "GPIB-ENET/100": ["--gpib", "enet100"],
    "kernel board": ["--gpib", "kernel"],
}


def free_ports():
    """The first of two that are free, below those that the system gives to clients."""
    for attempt in range(200):
        port = 10000 + (89 * os.getpid() + 211 * attempt) % 20000
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    sys.exit("no two free ports side by side")


def home(folder, more=""):
    """A folder for XDG_CONFIG_HOME: the bench's own configuration goes before what it says."""
    os.makedirs(os.path.join(folder, "freevisa"), exist_ok=True)
    with open(os.path.join(folder, "freevisa", "freevisa.toml"), "w", encoding="ascii") as file:
        file.write(CONFIGURATION + more)
    return folder


def count(options, folder, name, options_of_bench, script):
    """What the script counts over the adapter: passed, failed."""
    more = ""
    if options_of_bench is None:
        port = free_ports()
        more = ('[[interface]]\nname = "GPIB0"\nadapter = "vxi11://127.0.0.1/gpib0"\ncore_port = %d\nabort_port = %d\n'
                % (port, port + 1))
        options_of_bench = ["--vxi11-port", str(port)]
    else:
        options_of_bench = ["--no-vxi11", *options_of_bench]
    files = []
    for instrument, text in INSTRUMENTS.items():
        files.append(os.path.join(folder, instrument + ".toml"))
        with open(files[-1], "w", encoding="ascii") as file:
            file.write(text)
    command = [os.path.join(options.build, "freevisa"), "sim", *options_of_bench, "--no-hislip", "--no-serial", *files,
               "--", sys.executable, os.path.join(HERE, script), os.path.join(options.build, "libvisa.so.1"),
               *([name] if script == "board.py" else []), *(["--whole"] if options.whole else []),
               *(["--board"] if "kernel" in options_of_bench else [])]
    environment = dict(os.environ, XDG_CONFIG_HOME=home(folder, more), HOME=folder)
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          timeout=3000 if options.whole else 200, check=False)
    print(done.stdout, end="", flush=True)
    lines = done.stdout.splitlines()
    if done.returncode not in (0, 1) or not lines or " passed, " not in lines[-1]:
        print("%s ended with %d" % (script, done.returncode))
        return 0, 1
    words = lines[-1].split()
    return int(words[0]), int(words[2])


def try_all(options, name, bus):
    total = [0, 0]
    for script in ("board.py", "turns.py", "sweep.py"):
        with tempfile.TemporaryDirectory(prefix="freevisa-gpib-") as folder:
            try:
                passed, failed = count(options, folder, name, bus, script)
            except subprocess.TimeoutExpired as late:
                print("%s: not finished after %d s" % (script, late.timeout))
                passed, failed = 0, 1
        total = [total[0] + passed, total[1] + failed]
    return total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    total = [0, 0, 0]
    for name, bus in ADAPTERS.items():
        if options.only not in name:
            continue
        print("== %s" % name, flush=True)
        if "kernel" in (bus or []):
            try:
                ctypes.CDLL(PRELOAD)
            except OSError:
                print("skipped: %s is missing (Debian, Ubuntu: umockdev)" % PRELOAD)
                total[2] += 1
                continue
        passed, failed = try_all(options, name, bus)
        total[0] += passed
        total[1] += failed
    print("%d passed, %d failed, %d skipped" % tuple(total))
    sys.exit(1 if total[1] or not total[0] else 0)


main()
