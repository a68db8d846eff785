#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a waveform of 64 MB costs under PyVISA's backend "@freevisa", against a C program on the same library.

plugin_bench.py LIBVISA: the package of pkg/wheel is laid out with LIBVISA. In turns, in one process: the C program's calls
into memory that it has already and into new memory, the backend, and PyVISA's own way on the same library; each with a
block, whose header says how long it is, and with as many bytes that do not say it; and, where there is NumPy, by
query_binary_values into an array of it, against the C program's block. On a busy computer only the lowest times and processor
time say something. Exit codes: 0 measured, 1 the goal is missed and --check was given, 77 no PyVISA here.
"""
import argparse
import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
import time

GOAL = 1.3  # of the C program with new memory, as Python's answer is new memory, too
SIZE = 64000000
WHOLE = SIZE + 11  # with the header of the block and the newline
SOURCE = r"""
#include <stdlib.h>
#include <string.h>
#include "visa.h"
int read_waveform(const char* name, const char* question, unsigned count, int reuse) {
  static char* kept;
  static ViSession manager, session;
  ViUInt32 got = 0;
  char* memory;
  if (session == 0) {
    if (viOpenDefaultRM(&manager) < 0 || viOpen(manager, name, 0, 5000, &session) < 0) return -1;
    viSetAttribute(session, VI_ATTR_TMO_VALUE, 30000);
    kept = malloc(count);
    memset(kept, 1, count);
  }
  memory = reuse ? kept : malloc(count);
  if (viWrite(session, (ViConstBuf)question, (ViUInt32)strlen(question), &got) < 0) return -2;
  if (viRead(session, (ViPBuf)memory, count, &got) < 0 || got != count) return -3;
  if (!reuse) free(memory);
  return 0;
}
"""
try:
    import numpy
except ImportError:
    numpy = None

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))


def lay_out(folder, library):
    """The Python package, as the wheel has it, and the C program's library."""
    for package in ("freevisa", "pyvisa_freevisa"):
        os.symlink(os.path.join(TREE, "pkg/wheel", package), os.path.join(folder, package))
    source = os.path.join(folder, "read.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write(SOURCE)
    read = os.path.join(folder, "read.so")
    subprocess.check_call(["cc", "-O2", "-shared", "-fPIC", "-I" + os.path.join(TREE, "include"), source, library, "-o", read,
                           "-Wl,-rpath," + os.path.dirname(library)])
    sys.path.insert(0, folder)
    import freevisa
    freevisa.library_path = lambda: library
    return ctypes.CDLL(read).read_waveform


SERVER = r"""
import socket, threading
SIZE = %d
ANSWERS = {b"BLOCK?": b"#8%%08d" %% SIZE + b"w" * SIZE + b"\n", b"PLAIN?": b"w" * (SIZE + 10) + b"\n"}

def serve(connection):
    for line in connection.makefile("rb"):
        connection.sendall(ANSWERS[line.strip()])

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
""" % SIZE


class Server:
    """Answers BLOCK? with a block of IEEE 488.2, PLAIN? with as many bytes that do not say how many they are."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-S", "-c", SERVER], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def timed(call):
    """Milliseconds on the clock, and of this process's processor time."""
    start, used = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - start) * 1e3, (time.process_time() - used) * 1e3


def measure(pyvisa, arguments, port, c_program):
    name = "TCPIP0::127.0.0.1::%d::SOCKET" % port
    managers = {"@freevisa": pyvisa.ResourceManager("@freevisa"),
                "PyVISA's own way": pyvisa.ResourceManager(os.path.abspath(arguments.library))}
    sessions = {way: manager.open_resource(name, read_termination="\n", write_termination="\n", timeout=30000)
                for way, manager in managers.items()}
    result = {}

    def note(way, call):
        result.setdefault(way, []).append(timed(call))

    def from_c(reuse):
        if (code := c_program(name.encode(), b"BLOCK?\n", WHOLE, reuse)) != 0:
            raise RuntimeError("the C program failed: %d" % code)

    def values_from_python(resource):
        values = resource.query_binary_values("BLOCK?", datatype="B", container=numpy.ndarray)
        if values.nbytes != SIZE or values[-1] != ord("w"):
            raise RuntimeError("not the whole waveform")

    def from_python(resource, question):
        resource.write(question)
        if len(resource.read_raw()) != WHOLE:
            raise RuntimeError("not the whole answer")

    for _ in range(arguments.rounds):
        note("C, memory kept", lambda: from_c(1))
        note("C, new memory", lambda: from_c(0))
        for way, resource in sessions.items():
            note(way + ", a block", lambda resource=resource: from_python(resource, "BLOCK?"))
            note(way + ", plain", lambda resource=resource: from_python(resource, "PLAIN?"))
            if numpy is not None:
                note(way + ", values", lambda resource=resource: values_from_python(resource))
    for manager in managers.values():
        manager.close()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--check", action="store_true", help="exit 1 when the goal is missed")
    arguments = parser.parse_args()
    try:
        import pyvisa
    except ImportError as error:
        print("%s has no PyVISA: %s" % (sys.executable, error))
        return 77
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FREEVISA_CONFIG"] = os.path.join(folder, "empty.toml")
        open(os.environ["FREEVISA_CONFIG"], "w", encoding="utf-8").close()
        c_program = lay_out(folder, os.path.abspath(arguments.library))
        with Server() as server:
            result = measure(pyvisa, arguments, server.port, c_program)
    print("PyVISA %s, 64 MB over a SOCKET session, %d rounds" % (pyvisa.__version__, arguments.rounds))
    if numpy is None:
        print("skipped: query_binary_values: %s has no NumPy" % sys.executable)
    print("%-27s%8s%8s%8s%9s%11s" % ("", "median", "lowest", "ratio", "CPU ms", "CPU ratio"))
    ratios = {}
    for way, times in result.items():
        wall, used = zip(*times)
        wall_base, used_base = zip(*result["C, new memory"])
        ratios[way] = [statistics.median(ours / c for ours, c in zip(*pair)) for pair in ((wall, wall_base), (used, used_base))]
        print("%-27s%8.1f%8.1f%8.2f%9.1f%11.2f" % (way, statistics.median(wall), min(wall), ratios[way][0],
                                                  statistics.median(used), ratios[way][1]))
    judged = [way for way in ("@freevisa, a block", "@freevisa, values") if way in ratios]
    for way in judged:
        print("goal: %s <= %.2f of C with new memory: %s" % (way, GOAL, "met" if ratios[way][0] <= GOAL else "MISSED"))
    return 1 if arguments.check and any(ratios[way][0] > GOAL for way in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
