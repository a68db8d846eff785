#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a query costs under PyVISA's ctypes backend on a given libvisa.

PyVISA's own layer costs more than the wire, and no library can change that. So the goal compares a
query on the library with a query on the stub (a library whose calls return at once: PyVISA alone)
plus a query of the floor client in C (the wire alone), all interleaved in one run on one processor.
Run it with the Python interpreter whose PyVISA is to be measured. Exit codes: 0 measured, 1 a goal is missed and
--check was given, 2 not measurable, 77 this interpreter has no PyVISA.
"""

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import time

GOAL = 1.15  # of (query on the stub + floor query)
PEER_GOAL = 1.08  # of a query on floorvisa
IDENTITY = "FreeVISA,Reference server,0,1"


class Server:
    """The reference server, one connection after the other."""

    def __init__(self, program, cpu):
        self.process = subprocess.Popen(
            [program, "--cpu", str(cpu)], stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline().split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def load_floor(path):
    """The floor client, which is in C, because timing it from Python would measure Python."""
    library = ctypes.CDLL(path)
    function = library.floor_query_median_ns
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_char_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint]

    def median_us(port, warm_up, count):
        value = function(b"127.0.0.1", port, warm_up, count)
        if value < 0:
            raise OSError(-int(value), os.strerror(-int(value)))
        return value / 1e3

    return median_us


def query_block(manager, port, warm_up, count):
    """Median of one block of queries in microseconds, on a separate session."""
    resource = manager.open_resource(
        f"TCPIP0::127.0.0.1::{port}::SOCKET", read_termination="\n", write_termination="\n"
    )
    try:
        resource.timeout = 5000
        query = resource.query
        clock = time.perf_counter_ns
        if query("*IDN?") != IDENTITY:
            raise ValueError("wrong reply to *IDN?")
        for _ in range(warm_up):
            query("*IDN?")
        samples = []
        for _ in range(count):
            start = clock()
            query("*IDN?")
            samples.append(clock() - start)
    finally:
        resource.close()
    return statistics.median(samples) / 1e3


def ratio_of(ours, base):
    ratios = [a / b for a, b in zip(ours, base)]
    return {"median": statistics.median(ratios), "low": min(ratios), "high": max(ratios)}


def measure(pyvisa, arguments, folder, cpu):
    """Runs rounds of floor, stub, floorvisa and the library; returns the medians of each round."""
    floor = load_floor(os.path.join(folder, "libvisa_floor.so"))
    paths = {
        "stub": os.path.join(folder, "libvisa_stub.so"),
        "floorvisa": os.path.join(folder, "libvisa_floor.so"),
        "library": os.path.abspath(arguments.library),
    }
    managers = {name: pyvisa.ResourceManager(path + "@ivi") for name, path in paths.items()}
    rounds, warm_up, count = (3, 20, 200) if arguments.quick else (15, 200, 2000)
    rounds = arguments.rounds or rounds
    result = {name: [] for name in ("floor", *paths)}
    with Server(os.path.join(folder, "floor_server"), cpu) as server:
        for _ in range(rounds):
            result["floor"].append(floor(server.port, warm_up, count))
            for name, manager in managers.items():
                result[name].append(query_block(manager, server.port, warm_up, count))
    for manager in managers.values():
        manager.close()
    return result


def summarize(result):
    base = [stub + floor for stub, floor in zip(result["stub"], result["floor"])]
    lines = [
        {"what": "floor query in C", "us": statistics.median(result["floor"])},
        {"what": "query on the stub", "us": statistics.median(result["stub"])},
        {"what": "stub + floor", "us": statistics.median(base)},
    ]
    for name, key in (("floorvisa", "floorvisa"), ("the library", "library")):
        line = {"what": f"query on {name}", "us": statistics.median(result[key])}
        line["ratio"] = ratio_of(result[key], base)
        if key == "library":
            line["goal"] = GOAL
        lines.append(line)
    lines.append(
        {
            "what": "the library against floorvisa",
            "us": statistics.median(result["library"]),
            "ratio": ratio_of(result["library"], result["floorvisa"]),
            "goal": PEER_GOAL,
        }
    )
    for line in lines:
        if "goal" in line:
            line["met"] = line["ratio"]["median"] <= line["goal"]
    return lines


def print_table(lines):
    print(f"{'':32}{'us':>8}{'ratio':>8}{'low-high':>13}{'goal':>10}{'met':>5}")
    for line in lines:
        text = f"{line['what']:32}{line['us']:8.2f}"
        if "ratio" in line:
            r = line["ratio"]
            spread = f"{r['low']:.2f}-{r['high']:.2f}"
            text += f"{r['median']:8.2f}{spread:>13}"
        if "goal" in line:
            goal = f"<= {line['goal']:.2f}"
            text += f"{goal:>10}{'yes' if line['met'] else 'NO':>5}"
        print(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", help="path of the libvisa to measure")
    parser.add_argument("--folder", required=True, help="where the benchmark was built")
    parser.add_argument("--quick", action="store_true", help="a few seconds, for orientation")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--json", help="write the result to this file, too")
    parser.add_argument("--check", action="store_true", help="exit 1 when a goal is missed")
    arguments = parser.parse_args()
    try:
        import pyvisa
    except ImportError as error:
        print(f"{sys.executable} has no PyVISA: {error}")
        return 77

    cpu = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpu})
    print(f"PyVISA {pyvisa.__version__}, Python {sys.version.split()[0]}, {arguments.library}")
    try:
        lines = summarize(measure(pyvisa, arguments, arguments.folder, cpu))
    except (OSError, ValueError, pyvisa.Error) as error:
        print(f"pyvisa_bench: {error}", file=sys.stderr)
        return 2
    print_table(lines)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"pyvisa": pyvisa.__version__, "lines": lines}, file, indent=1)
    missed = any(not line.get("met", True) for line in lines)
    return 1 if arguments.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
