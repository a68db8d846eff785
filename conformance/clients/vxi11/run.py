# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR PYTHON...

VXI-11 between FreeVISA and programs nobody here wrote, on a network of its own where the bench has port
111: PyVISA's instrument tests (of each PYTHON) without a port configured, lxi-tools as another client,
Debian's rpcbind as another portmapper. All of it is captured; Wireshark's dissectors have to understand
every frame. Ends with `N passed, N failed, N skipped`. Exit code 77: no such network here.
"""
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(CLIENTS, "discovery"), CLIENTS]
import bench  # noqa: E402
import lab as laboratory  # noqa: E402

import dissection  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
PYTHONS = sys.argv[2:]
FREEVISA = os.path.join(BUILD, "freevisa")
INSTR = "TCPIP0::127.0.0.1::inst0::INSTR"


class Capture:
    """Everything on the loopback of `host`, from its making to end()."""

    def __init__(self, host, file):
        self.file = file
        self.log = open(file + ".log", "w+", encoding="utf-8")
        command = ["ip", "netns", "exec", host.namespace, "dumpcap", "-q", "-i", "lo", "-B", "32", "-w", file]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + 20
        while "File: " not in self.said():
            if self.process.poll() is not None or time.monotonic() > end:
                self.end()
                raise RuntimeError("dumpcap does not begin: " + self.said())
            time.sleep(0.02)

    def said(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as read:
            return read.read()

    def end(self):
        """What dumpcap said of it in all."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self.log.close()
        return self.said()


class Peers(unittest.TestCase):
    lab = None
    host = None
    capture = None
    pyvisa_ran = False

    def environment(self):
        """No ports configured: FreeVISA asks the portmapper."""
        path = os.path.join(self.lab.folder, "freevisa.toml")
        with open(path, "w", encoding="ascii") as file:
            file.write("[settings]\nlan_discovery = false\n")
        return {"PATH": os.environ["PATH"], "FREEVISA_CONFIG": path, "HOME": self.lab.folder}

    def query(self):
        done = self.host.run(FREEVISA, "query", INSTR, "*IDN?", env=self.environment())
        self.assertIn("Virtual Multimeter", done.stdout, done.stderr)

    def bench(self, *arguments, before=":"):
        """The bench with a multimeter; how to end it."""
        self.host.daemon("%s; %s sim --instrument dmm --port 0 %s"
                         % (before, FREEVISA, " ".join(arguments)), ["\nready\n"])
        return self.host.end_daemons

    def pyvisa(self, python):
        done = self.host.run(
            sys.executable, os.path.join(CLIENTS, "pyvisa", "run.py"), "--build", BUILD, "--python", python,
            "--portmapper", "--only", "PyVISA's instrument tests", "--select", "TestTCPIPInstr", timeout=420)
        print(done.stdout, done.stderr)
        if done.returncode == 77:
            self.skipTest(done.stdout.strip())
        self.assertEqual(done.returncode, 0)
        Peers.pyvisa_ran = True

    def test_2_the_calls_pyvisa_leaves_out(self):
        self.addCleanup(self.bench("--portmapper", "111", "--vxi11-port", "6667"))
        done = self.host.run(sys.executable, os.path.join(HERE, "remaining_calls.py"),
                             os.path.join(BUILD, "libvisa.so.1"), INSTR, env=self.environment())
        self.assertEqual(done.stdout, "done\n", done.stderr)

    def test_3_another_client(self):
        if shutil.which("lxi") is None:
            self.skipTest("lxi-tools is not installed")
        self.addCleanup(self.bench("--portmapper", "111"))
        self.query()
        said = self.host.run("lxi", "scpi", "-a", "127.0.0.1", "*IDN?")
        self.assertIn("Virtual Multimeter", said.stdout, said.stderr)
        speed = self.host.run("lxi", "benchmark", "-a", "127.0.0.1", "-c", "100")
        self.assertRegex(speed.stdout, r"[1-9][0-9.]* requests/second", speed.stderr)

    def test_4_another_portmapper(self):
        """Debian's rpcbind has port 111: the bench registers with it, FreeVISA asks it."""
        if shutil.which("rpcbind", path=os.environ["PATH"] + ":/sbin:/usr/sbin") is None:
            self.skipTest("rpcbind is not installed")
        self.addCleanup(self.bench("--portmapper", "rpcbind", before="rpcbind -w"))
        self.query()

    def test_5_every_frame_is_understood(self):
        if self.capture is None:
            self.skipTest("tshark is not installed")
        said = self.capture.end()
        self.assertRegex(said, r"received/dropped on interface .*/0 ", "the capture is complete")
        found = dissection.dissect(self.capture.file)
        print("    %d frames, %d calls and replies of VXI-11 and of the portmapper"
              % (found.frames, found.messages))
        for complaint in found.complaints[:20]:
            print("    " + complaint)
        self.assertEqual(found.complaints, [])
        wanted = {(dissection.PORTMAPPER, 3), (dissection.ABORT, 1)}
        wanted |= {(dissection.CORE, procedure) for procedure in (10, 11, 12, 13, 14, 16, 17, 23)}
        if self.pyvisa_ran:
            wanted |= {(dissection.CORE, procedure) for procedure in (15, 18, 19, 20, 25, 26)}
            wanted.add((dissection.INTERRUPT, 30))
        self.assertEqual(wanted - found.procedures, set(), "are in the capture")

    def test_6_a_frame_cut_short_is_noticed(self):
        """The judge of test 5 can say no."""
        if self.capture is None:
            self.skipTest("tshark is not installed")
        file = os.path.join(self.lab.folder, "short.pcap")
        dissection.write_short_call(file)
        found = dissection.dissect(file)
        self.assertEqual((found.frames, len(found.complaints)), (1, 1), found.complaints)


def add_pyvisa(number, python):
    def test(self):
        self.pyvisa(python)
    setattr(Peers, "test_1_pyvisa_on_port_111_%d" % number, test)


class Telling(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)
        print(test.id().split(".")[-1], flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print("    skipped: " + reason, flush=True)


def main():
    bench.own_locks()
    for number, python in enumerate(PYTHONS):
        add_pyvisa(number, python)
    try:
        with laboratory.Lab(programs=("ip", "unshare")) as lab:
            Peers.lab = lab
            Peers.host = lab.host("peers")
            if shutil.which("tshark") and shutil.which("dumpcap"):
                Peers.capture = Capture(Peers.host, os.path.join(lab.folder, "vxi11.pcapng"))
            try:
                suite = unittest.defaultTestLoader.loadTestsFromTestCase(Peers)
                result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Telling).run(suite)
            finally:
                if Peers.capture:
                    Peers.capture.end()
    except laboratory.Impossible as reason:
        print("skipped: %s" % reason)
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(77)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - skipped, failed, skipped))
    sys.exit(0 if failed == 0 and result.testsRun > skipped else 1)


main()
