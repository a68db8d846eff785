# SPDX-License-Identifier: MIT
"""run.py --build DIR [--python PYTHON] [--portmapper]

PyVISA, unmodified, on FreeVISA: starts the bench, runs our tests (tests/) and PyVISA's own instrument
tests (keysight_plugin.py says how) with PYTHON's PyVISA, ends the bench. The last line counts all of
them: `N passed, N failed, N skipped`; the reasons of the skips stand above. Exit code 77: there is no
PyVISA or no pytest to run.

FreeVISA knows the ports of the bench's VXI-11 server from its configuration; with --portmapper, for
root, it asks the bench's portmapper on port 111.
"""
import argparse
import ctypes
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import bench  # noqa: E402

SUITE = ["--pyargs", "pyvisa.testsuite.keysight_assisted_tests", "-p", "keysight_plugin",
         "--runxfail"]
# PyVISA's classes for real instruments set 100 ms, less than a busy computer may stand still for.
PATIENCE = ["-p", "patience"]
# name, arguments of pytest, environment, seconds
PARTS = [
    ("our tests", [os.path.join(HERE, "tests")], {}, 300),
    ("PyVISA's instrument tests", SUITE, {"PYVISA_KEYSIGHT_VIRTUAL_INSTR": "0"}, 400),
    ("PyVISA's tests over SOCKET, HiSLIP and serial", [*PATIENCE, os.path.join(HERE, "mixins")],
     {"PYVISA_KEYSIGHT_VIRTUAL_INSTR": "0"}, 240),
]
# Run as the program of a bench of its own, which plugs its devices into the program's USB.
OVER_USB = ("PyVISA's tests over USB", [*PATIENCE, os.path.join(HERE, "usb_mixins")],
            {"PYVISA_KEYSIGHT_VIRTUAL_INSTR": "0"}, 240)
PRELOAD = "libumockdev-preload.so.0"
# Likewise, of a bench with a GPIB bus: each kind of adapter, one of them at a serial port, and a board of the kernel.
OVER_GPIB = ("PyVISA's tests over GPIB, %s", [*PATIENCE, os.path.join(HERE, "gpib_mixins")],
             {"PYVISA_KEYSIGHT_VIRTUAL_INSTR": "0"}, 240)
# name, options of the bench, environment
ADAPTERS = [("Prologix", ["--gpib", "prologix", "--no-serial"], {}),
            ("AR488", ["--gpib", "ar488", "--gpib-serial", "-", "--no-serial"], {}),
            ("GPIB-ENET/100", ["--gpib", "enet100", "--no-serial"], {"FREEVISA_TEST_GPIB": "enet100"}),
            ("kernel board", ["--gpib", "kernel", "--no-serial"], {"FREEVISA_TEST_GPIB": "kernel"})]
# Likewise, of a bench with a bus that a USB adapter is on.
DONGLES = [("NI at USB", "ni-hs"), ("Agilent at USB", "82357b"), ("Xyphro at USB", "xyphro")]

SECURE = ("PyVISA's tests over secure HiSLIP", [*PATIENCE, os.path.join(HERE, "mixins", "test_hislip_mixins.py")],
          {"PYVISA_KEYSIGHT_VIRTUAL_INSTR": "0"}, 240)
INSTRUMENT = os.path.join(HERE, "..", "..", "..", "tools", "sim", "instruments", "pyvisa.toml")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", help="where libvisa.so.1 and freevisa are")
    parser.add_argument("--library", help="default: BUILD/libvisa.so.1")
    parser.add_argument("--freevisa", help="default: BUILD/freevisa")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--bench", help="command line of the bench; default: FREEVISA sim ...")
    parser.add_argument("--portmapper", action="store_true", help="find VXI-11 by port 111")
    parser.add_argument("--select", default="", help="expression for pytest's -k")
    parser.add_argument("--only", help="the parts whose name has this text")
    options = parser.parse_args()
    options.build = options.build or "."
    options.library = options.library or os.path.join(options.build, "libvisa.so.1")
    options.freevisa = options.freevisa or os.path.join(options.build, "freevisa")
    return options


def versions(python):
    """What PYTHON has, or None with the reason printed."""
    program = ("import sys, pyvisa, pytest; print('PyVISA %s, pytest %s, Python %s' % "
               "(pyvisa.__version__, pytest.__version__, sys.version.split()[0]))")
    asked = subprocess.run([python, "-c", program], capture_output=True, text=True, timeout=60,
                           check=False)
    if asked.returncode != 0:
        print("skipped: %s cannot run them: %s" % (python, asked.stderr.strip().split("\n")[-1]))
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(77)
    return asked.stdout.strip()


def environment(options, folder, serial):
    """Nothing of the caller's settings for VISA, PyVISA and pytest; a home of its own."""
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(("PYVISA", "FREEVISA", "PYTEST", "PYTHON", "XDG_"))}
    config = os.path.join(folder, "freevisa.toml")
    with open(config, "w", encoding="ascii") as file:
        file.write(bench.configuration(portmapper=options.portmapper, serial=serial))
    home = os.path.join(folder, "home")
    os.mkdir(home)
    return dict(
        kept,
        HOME=home,
        PATH=os.path.dirname(os.path.abspath(options.python)) + os.pathsep + kept.get("PATH", ""),
        PYTHONPATH=os.pathsep.join([HERE, os.path.dirname(HERE)]),
        PYTHONDONTWRITEBYTECODE="1",
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
        PYVISA_LIBRARY=os.path.realpath(options.library),
        FREEVISA_CONFIG=config)


def count(file):
    """passed, failed, skipped of a JUnit file; a run that left none has failed."""
    try:
        suites = xml.etree.ElementTree.parse(file).getroot()
    except (OSError, xml.etree.ElementTree.ParseError):
        return 0, 1, 0
    numbers = [0, 0, 0]
    for case in suites.iter("testcase"):
        kinds = {child.tag for child in case}
        numbers[1 if kinds & {"failure", "error"} else 2 if "skipped" in kinds else 0] += 1
    return tuple(numbers)


def preload_missing():
    """Why nothing can run on devices of umockdev; empty if it can."""
    try:
        ctypes.CDLL(PRELOAD)
    except OSError:
        return "%s is missing (Debian, Ubuntu: umockdev)" % PRELOAD
    return ""


def usb_missing(options):
    """Why the tests over USB cannot run; empty if they can."""
    informed = subprocess.run([options.freevisa, "info"], capture_output=True, text=True, timeout=60, check=False)
    drivers = [line for line in informed.stdout.splitlines() if line.startswith("drivers")]
    if not drivers or "usb" not in drivers[0].replace(",", " ").split():
        return "the library has no driver usb"
    return preload_missing()


def run_over_usb(options, variables, folder):
    reason = usb_missing(options)
    if reason:
        print("\n%s: skipped: %s" % (OVER_USB[0], reason))
        return 0, 0, 1
    return run(OVER_USB, options, variables, folder,
               [os.path.abspath(options.freevisa), "sim", "--usb", "--no-vxi11", "--no-hislip", "pyvisa", "--"])


def run_over_gpib(options, variables, folder):
    total = [0, 0, 0]
    for adapter, bus, own in ADAPTERS:
        part = (OVER_GPIB[0] % adapter, *OVER_GPIB[1:])
        if options.only is not None and options.only not in part[0]:
            continue
        if "kernel" in bus and preload_missing():
            print("\n%s: skipped: %s" % (part[0], preload_missing()))
            total[2] += 1
            continue
        done = run(part, options, dict(variables, **own), folder,
                   [os.path.abspath(options.freevisa), "sim", *bus, "--no-vxi11", "--no-hislip", "pyvisa", "--"])
        total = [a + b for a, b in zip(total, done)]
    return total


def run_over_dongles(options, variables, folder):
    wanted = [one for one in DONGLES if options.only is None or options.only in OVER_GPIB[0] % one[0]]
    if not wanted:
        return 0, 0, 0
    reason = usb_missing(options)
    if reason:
        print("\n%s: skipped: %s" % (OVER_GPIB[0] % "adapters at USB", reason))
        return 0, 0, 1
    total = [0, 0, 0]
    for name, kind in wanted:
        part = (OVER_GPIB[0] % name, OVER_GPIB[1], dict(OVER_GPIB[2], FREEVISA_TEST_GPIB=kind), OVER_GPIB[3])
        done = run(part, options, variables, folder, [os.path.abspath(options.freevisa), "sim", "--dongle", kind,
                                                      "--no-vxi11", "--no-hislip", "--no-serial", "pyvisa", "--"])
        total = [a + b for a, b in zip(total, done)]
    return total


def free_ports():
    """The first of two that are free."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
    sys.exit("no two free ports side by side")


def run_over_gateway(options, variables, folder):
    """The bench as a VXI-11 gateway, which the configuration makes the board GPIB0."""
    part = (OVER_GPIB[0] % "gateway", *OVER_GPIB[1:])
    if options.only is not None and options.only not in part[0]:
        return 0, 0, 0
    port = free_ports()
    home = os.path.join(folder, "gateway")
    os.makedirs(os.path.join(home, "freevisa"))
    instrument = os.path.join(folder, "gateway.toml")
    with open(INSTRUMENT, encoding="utf-8") as source, open(instrument, "w", encoding="utf-8") as target:
        target.write(source.read() + '\n[vxi11]\ngpib = "1"\n')
    with open(os.path.join(home, "freevisa", "freevisa.toml"), "w", encoding="ascii") as file:
        file.write('[finder.lan]\nsearch = false\n[finder.serial]\nsearch = false\n[[interface]]\nname = "GPIB0"\n'
                   'adapter = "vxi11://127.0.0.1/gpib0"\ncore_port = %d\nabort_port = %d\n' % (port, port + 1))
    own = dict(variables, XDG_CONFIG_HOME=home, FREEVISA_TEST_GPIB="gateway")
    return run(part, options, own, folder, [os.path.abspath(options.freevisa), "sim", "--vxi11-port", str(port),
                                            "--no-hislip", "--no-serial", instrument, "--"])


def run(part, options, variables, folder, under=()):
    name, extra, own, seconds = part
    print("\n== %s" % name, flush=True)
    report = os.path.join(folder, "report.xml")
    if os.path.exists(report):
        os.unlink(report)
    command = [*under, options.python, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rfEsx", "--tb=short",
               "--rootdir", folder, "-o", "junit_family=xunit1", "--junitxml", report, *extra]
    if options.select:
        command += ["-k", options.select]
    process = subprocess.Popen(command, env=dict(variables, **own), cwd=folder,
                               stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        code = process.wait(10)
        print("%s: not finished after %d s" % (name, seconds))
    passed, failed, skipped = count(report)
    if code != 0 and failed == 0:
        print("%s: pytest ended with %d" % (name, code))
        failed = 1
    print("%s: %d passed, %d failed, %d skipped" % (name, passed, failed, skipped), flush=True)
    return passed, failed, skipped


def secure_bench(options, folder):
    """A bench whose instrument is encrypted wherever a client wants that, with a user; None, with the reason
    printed, where bench or library has no TLS."""
    shown = subprocess.run([options.freevisa, "sim", "--help"], capture_output=True, text=True, timeout=30, check=False)
    modules = os.path.join(os.path.dirname(os.path.realpath(options.library)), "freevisa-modules", "tls.so")
    if "--certificates" not in shown.stdout or not os.path.exists(modules):
        print("\n== %s\nskipped: this bench or this library has no TLS" % SECURE[0])
        return None
    file = os.path.join(folder, "secure.toml")
    with open(INSTRUMENT, encoding="utf-8") as source, open(file, "w", encoding="utf-8") as target:
        target.write(re.sub(r"(?m)^port = \d+$", "port = 6025", source.read()))
        target.write('\n[hislip]\nencryption = "optional"\noverlap = "allowed"\nmechanisms = ["SCRAM-SHA-256"]\n'
                     'users = { anna = "only a test" }\n')
    process = subprocess.Popen([options.freevisa, "sim", "--port", "0", "--certificates", folder, "--config-out",
                                os.path.join(folder, "secure-bench.toml"), file], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, text=True)
    name = None
    for line in process.stdout:
        found = re.search(r"TCPIP0?::(127\.0\.0\.1::hislip\S*::INSTR)", line)
        name = name or (found and "TCPIP0::lab@" + found.group(1))
        if line.strip() == "ready":
            return process, name
    sys.exit("the secure bench ended with %s" % process.wait(10))


def run_secure(options, variables, folder):
    started = secure_bench(options, folder)
    if started is None:
        return 0, 0, 1
    process, name = started
    config = os.path.join(folder, "secure-client.toml")
    with open(config, "w", encoding="ascii") as file:
        file.write('[settings]\nlan_discovery = false\n[[credential]]\nname = "lab"\nuser = "anna"\n'
                   'password = "only a test"\nca_file = "%s"\n' % os.path.join(folder, "ca.pem"))
    try:
        return run(SECURE, options, dict(variables, FREEVISA_CONFIG=config, FREEVISA_SECURE_HISLIP=name), folder)
    finally:
        process.terminate()
        process.wait(10)


def run_parts(options, command, folder, serial):
    """The sum of what the parts count; `serial` is where the bench has its serial ports."""
    total = [0, 0, 0]
    with bench.Bench(command):
        variables = environment(options, folder, serial)
        for part in PARTS:
            if options.only is None or options.only in part[0]:
                total = [a + b for a, b in zip(total, run(part, options, variables, folder))]
        if not options.bench and (options.only is None or options.only in SECURE[0]):
            total = [a + b for a, b in zip(total, run_secure(options, variables, folder))]
        if options.only is None or options.only in OVER_USB[0]:
            total = [a + b for a, b in zip(total, run_over_usb(options, variables, folder))]
        total = [a + b for a, b in zip(total, run_over_gpib(options, variables, folder))]
        total = [a + b for a, b in zip(total, run_over_gateway(options, variables, folder))]
        total = [a + b for a, b in zip(total, run_over_dongles(options, variables, folder))]
    return total


def main():
    options = arguments()
    bench.own_network(bench.PORTMAPPER_PORT if options.portmapper else bench.VXI11_PORT)
    bench.own_locks()
    print("%s, %s" % (versions(options.python), options.library), flush=True)
    with tempfile.TemporaryDirectory(prefix="freevisa-pyvisa-") as folder:
        serial = os.path.join(folder, "serial")
        command = (shlex.split(options.bench) if options.bench
                   else bench.command(options.freevisa, options.portmapper, serial))
        total = run_parts(options, command, folder, serial)
    print("\n%d passed, %d failed, %d skipped" % tuple(total))
    sys.exit(0 if total[1] == 0 and total[0] > 0 else 1)


main()
