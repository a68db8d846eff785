# SPDX-License-Identifier: MIT
"""run.py --build DIR [--python PYTHON]

The instrument drivers of PyMeasure and QCoDeS, unmodified, on FreeVISA: starts the bench with the
instruments they were written for (ports the system chooses), runs tests/ with PYTHON's packages and ends the
bench. Every test runs over SOCKET and over VXI-11. The last line is `N passed, N failed, N skipped`. Exit
code 77: PYTHON lacks one of the packages.
"""
import argparse
import os
import select
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import bench  # noqa: E402

INSTRUMENTS = ["keysight_34461a", "psu", "fgen"]
SECONDS = 500


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=".", help="where libvisa.so.1 and freevisa are")
    parser.add_argument("--library", help="default: BUILD/libvisa.so.1")
    parser.add_argument("--freevisa", help="default: BUILD/freevisa")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--select", default="", help="expression for pytest's -k")
    options = parser.parse_args()
    options.library = options.library or os.path.join(options.build, "libvisa.so.1")
    options.freevisa = options.freevisa or os.path.join(options.build, "freevisa")
    if os.sep in options.python:
        options.python = os.path.abspath(options.python)  # and no link resolved: that is the environment
    return options


def versions(python):
    """What PYTHON has; ends with 77 and the reason where it lacks something."""
    program = ("import importlib.metadata as m, sys\n"
               "print(', '.join('%s %s' % (n, m.version(n)) for n in "
               "('PyVISA', 'PyMeasure', 'QCoDeS', 'pytest')), 'on Python', sys.version.split()[0])")
    asked = subprocess.run([python, "-c", program], capture_output=True, text=True, timeout=60,
                           check=False)
    if asked.returncode != 0:
        print("skipped: %s cannot run them: %s" % (python, asked.stderr.strip().split("\n")[-1]))
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(77)
    return asked.stdout.strip()


class Bench:
    """The bench as a process; `control` is its control socket's address, `config` what it printed."""

    def __init__(self, freevisa, folder):
        self.config = os.path.join(folder, "bench.toml")
        self.command = [freevisa, "sim", "--port", "0", "--control", "0", "--config-out", self.config,
                        *INSTRUMENTS]
        self.control = None
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said, end = b"", time.monotonic() + 20
        while not said.endswith(b"ready\n"):
            left = max(0, end - time.monotonic())
            part = b""
            if select.select([self.process.stdout], [], [], left)[0]:
                part = os.read(self.process.stdout.fileno(), 65536)
            if not part:
                self.__exit__()
                sys.exit("%s did not begin to serve\n%s" % (self.command, said.decode("utf-8", "replace")))
            said += part
        for line in said.decode("ascii").split("\n"):
            if line.startswith("# control "):
                self.control = line.split(" ", 2)[2]
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        self.process.stdout.close()


def environment(options, served, folder):
    """Nothing of the caller's settings for VISA and the packages; a home of its own."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("PYVISA", "FREEVISA", "PYTEST", "PYTHON", "XDG_", "QCODES", "QT_"))}
    config = os.path.join(folder, "freevisa.toml")
    with open(served.config, encoding="ascii") as file:
        text = file.read()
    with open(config, "w", encoding="ascii") as file:
        file.write("[settings]\nlan_discovery = false\n\n" + text)
    return dict(kept, HOME=folder, PYTHONDONTWRITEBYTECODE="1", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
                PYVISA_LIBRARY=os.path.realpath(options.library), FREEVISA_CONFIG=config,
                BENCH_CONTROL=served.control, BENCH_CONFIG=served.config)


def count(file):
    """passed, failed, skipped of a JUnit file; a run that left none has failed."""
    try:
        suites = xml.etree.ElementTree.parse(file).getroot()
    except (OSError, xml.etree.ElementTree.ParseError):
        return [0, 1, 0]
    numbers = [0, 0, 0]
    for case in suites.iter("testcase"):
        kinds = {child.tag for child in case}
        numbers[1 if kinds & {"failure", "error"} else 2 if "skipped" in kinds else 0] += 1
    return numbers


def run(options, variables, folder):
    report = os.path.join(folder, "report.xml")
    command = [options.python, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rfEs", "--tb=short",
               "--rootdir", folder, "-o", "junit_family=xunit1", "--junitxml", report,
               os.path.join(HERE, "tests")]
    if options.select:
        command += ["-k", options.select]
    process = subprocess.Popen(command, env=variables, cwd=folder, stdin=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        code = process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        code = process.wait(10)
        print("not finished after %d s" % SECONDS)
    numbers = count(report)
    if code != 0 and numbers[1] == 0:
        print("pytest ended with %d" % code)
        numbers[1] = 1
    return numbers


def main():
    options = arguments()
    bench.own_locks()
    print("%s, %s" % (versions(options.python), options.library), flush=True)
    with tempfile.TemporaryDirectory(prefix="freevisa-drivers-") as folder, \
            Bench(options.freevisa, folder) as served:
        total = run(options, environment(options, served, folder), folder)
    print("\n%d passed, %d failed, %d skipped" % tuple(total))
    sys.exit(0 if total[1] == 0 and total[0] > 0 else 1)


main()
