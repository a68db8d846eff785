# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR

The serial ports of the bench, judged by programs nobody here wrote: pyvisa-py's client with PyVISA, and
pySerial alone; and both beside this library on one port. Runs with a Python that has pyvisa-py and pySerial.
The last line is `N passed, N failed, N skipped`. Exit code 77: this Python lacks one of them.
"""
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import pyvisa
    import serial
    import pyvisa_py.serial  # noqa: F401
except ImportError as reason:
    print("skipped: %s has no pyvisa-py with pySerial: %s" % (sys.executable, reason))
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(77)

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""


class Bench:
    """The bench as a process: `port(name)`, `control`."""

    def __init__(self, folder, *options):
        self.folder = folder
        command = [os.path.join(BUILD, "freevisa"), "sim", "--port", "0", "--no-vxi11", "--no-hislip", "--control",
                   "0", "--serial-dir", folder, *options, "pyvisa", "dmm", "scope"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        said, end = b"", time.monotonic() + 20
        while not said.endswith(b"ready\n"):
            left = max(0, end - time.monotonic())
            part = b""
            if select.select([self.process.stdout], [], [], left)[0]:
                part = os.read(self.process.stdout.fileno(), 65536)
            if not part:
                self.end()
                sys.exit("%s did not begin to serve\n%s" % (command, said.decode("utf-8", "replace")))
            said += part
        self.control = said.decode("ascii").split("# control ", 1)[1].split("\n", 1)[0].rsplit(":", 1)

    def port(self, name):
        return os.path.join(self.folder, name)

    def ask(self, **request):
        """One request to the control socket."""
        with socket.create_connection((self.control[0], int(self.control[1])), timeout=20) as line:
            line.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(line.makefile().readline())
        if not answer["ok"]:
            raise RuntimeError(answer["error"])
        return answer

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self.process.stdout.close()


class Peers(unittest.TestCase):
    bench = None

    def resource(self, name, backend="@py"):
        manager = pyvisa.ResourceManager(backend)
        self.addCleanup(manager.close)
        opened = manager.open_resource("ASRL%s::INSTR" % self.bench.port(name))
        opened.timeout = 20000
        opened.read_termination = opened.write_termination = "\n"
        return opened

    def freevisa(self, name):
        return self.resource(name, os.path.join(BUILD, "libvisa.so.1"))

    def pyserial(self, name, **options):
        opened = serial.Serial(self.bench.port(name), timeout=20, write_timeout=20, **options)
        self.addCleanup(opened.close)
        return opened

    def test_pyvisa_py_queries(self):
        dmm, scope = self.resource("dmm"), self.resource("scope")
        self.assertIn("Virtual Multimeter", dmm.query("*IDN?"))
        self.assertIn("Oscilloscope", scope.query("*IDN?"))
        for number in range(100):
            self.assertEqual(dmm.query("*ESE %d;*ESE?" % number), str(number))
        self.assertEqual(dmm.query("SYST:ERR?"), '0,"No error"')

    def test_pyvisa_py_transfers_much(self):
        stored = self.resource("pyvisa")
        data = "".join(chr(32 + number % 90) for number in range(60000))
        stored.write("RECEIVE")
        stored.write(data)
        stored.write("SEND")
        self.assertTrue(stored.read() == data)

    def test_pyserial_at_any_rate(self):
        for rate in (300, 9600, 31250, 250000, 4000000):
            dmm = self.pyserial("dmm", baudrate=rate)
            dmm.write(b"*IDN?\n")
            self.assertIn(b"Virtual Multimeter", dmm.read_until(b"\n"))
            dmm.close()

    def test_pyserial_every_byte(self):
        stored = self.pyserial("pyvisa")
        data = bytes(number for number in range(256) if number != 10)
        stored.write(b"RECEIVE\n" + data + b"\nSEND\n")
        self.assertEqual(stored.read(256), data + b"\n")

    def test_hang_up(self):
        dmm = self.pyserial("dmm")
        self.bench.ask(op="fault_on", instrument="dmm", kind="drop", count=1)
        dmm.write(b"*IDN?\n")
        with self.assertRaises(serial.SerialException):
            for _ in range(100):
                dmm.read(1)
        self.assertIn("Virtual Multimeter", self.resource("dmm").query("*IDN?"))

    def test_freevisa_and_pyserial_keep_each_other_out(self):
        theirs = self.pyserial("dmm", exclusive=True)
        with self.assertRaises(pyvisa.VisaIOError) as refused:
            self.freevisa("dmm")
        self.assertEqual(refused.exception.error_code, pyvisa.constants.StatusCode.error_resource_busy)
        theirs.close()
        ours = self.freevisa("dmm")
        self.assertIn("Virtual Multimeter", ours.query("*IDN?"))
        with self.assertRaises(serial.SerialException):
            self.pyserial("dmm", exclusive=True)
        ours.close()
        self.pyserial("dmm", exclusive=True)

    def test_settings_are_given_back(self):
        before = self.pyserial("scope", baudrate=19200)
        ours = self.freevisa("scope")
        ours.baud_rate = 250000
        ours.close()
        before.write(b"*OPC?\n")
        self.assertEqual(before.read_until(b"\n"), b"1\n")
        shown = subprocess.run(["stty", "-F", self.bench.port("scope"), "speed"], capture_output=True, text=True,
                               timeout=20, check=True)
        self.assertEqual(shown.stdout.strip(), "19200")


def main():
    with tempfile.TemporaryDirectory(prefix="freevisa-serial-") as folder:
        Peers.bench = Bench(os.path.join(folder, "ports"))
        try:
            suite = unittest.defaultTestLoader.loadTestsFromTestCase(Peers)
            result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
        finally:
            Peers.bench.end()
    failed = len(result.failures) + len(result.errors)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - len(result.skipped), failed,
                                                len(result.skipped)))
    sys.exit(1 if failed or not result.testsRun else 0)


main()
