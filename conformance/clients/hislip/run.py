# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR

The HiSLIP server of the bench, judged by programs nobody here wrote: pyvisa-py's client, as PyVISA uses it
and message by message, and Wireshark's dissector, which has to understand every frame of it. Runs with a
Python that has pyvisa-py; both ports are ones the system chooses. The last line is
`N passed, N failed, N skipped`. Exit code 77: this Python has no pyvisa-py.
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
    from pyvisa_py.protocols import hislip
except ImportError as reason:
    print("skipped: %s has no pyvisa-py: %s" % (sys.executable, reason))
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(77)

import dissection

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
HOST = "127.0.0.1"
MAV, RQS = 0x10, 0x40
OVERLAPPED = """[instrument]
name = "lapped"
identity = "A,B,1,1"

[hislip]
overlap = "preferred"
"""


class Bench:
    """The bench as a process: `port`, `control`."""

    def __init__(self, folder):
        file = os.path.join(folder, "lapped.toml")
        with open(file, "w", encoding="ascii") as out:
            out.write(OVERLAPPED)
        command = [os.path.join(BUILD, "freevisa"), "sim", "--port", "0", "--no-vxi11", "--control", "0",
                   "pyvisa", "dmm", "scope", file]
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
        text = said.decode("ascii")
        self.port = int(text.split("::hislip0,", 1)[1].split(":", 1)[0])
        self.control = text.split("# control ", 1)[1].split("\n", 1)[0].rsplit(":", 1)

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
    capture = None
    reason = ""

    def setUp(self):
        self.manager = pyvisa.ResourceManager("@py")
        self.addCleanup(self.manager.close)

    def resource(self, device):
        opened = self.manager.open_resource("TCPIP::%s::%s,%d::INSTR" % (HOST, device, self.bench.port))
        opened.timeout = 20000
        opened.read_termination = opened.write_termination = "\n"
        return opened

    def client(self, device):
        opened = hislip.Instrument(HOST, timeout=20, port=self.bench.port, sub_address=device)
        self.addCleanup(opened.close)
        return opened

    def query(self, client, text):
        client.send(text.encode() + b"\n")
        return client.receive().decode().strip()

    def test_01_query(self):
        dmm, scope = self.resource("hislip1"), self.resource("hislip2")
        self.assertIn("Virtual Multimeter", dmm.query("*IDN?"))
        self.assertIn("Oscilloscope", scope.query("*IDN?"))
        for number in range(300):  # message ids wrap
            self.assertEqual(dmm.query("*ESE %d;*ESE?" % (number % 256)), str(number % 256))
        self.assertEqual(dmm.query("SYST:ERR?"), '0,"No error"')

    def test_02_large_transfers(self):
        stored = self.resource("hislip0")
        data = "".join(chr(32 + number % 90) for number in range(900000))
        for kilobytes in (1024, 64, 1):
            stored.set_visa_attribute(pyvisa.constants.ResourceAttribute.tcpip_hislip_max_message_kb, kilobytes)
            stored.write("RECEIVE")
            stored.write(data)
            stored.write("SEND")
            stored.chunk_size = 1 << 16
            self.assertTrue(stored.read() == data, "%d KB at a time" % kilobytes)
        scope = self.resource("hislip2")
        scope.write("WAV:POIN 8000000;:CURV?")
        scope.chunk_size = 1 << 20
        self.assertEqual(len(scope.read_raw()), 8000010)

    def test_03_status(self):
        dmm = self.resource("hislip1")
        self.assertEqual(dmm.read_stb() & MAV, 0)
        dmm.write("*OPC?")
        end = time.monotonic() + 20
        while dmm.read_stb() & MAV == 0 and time.monotonic() < end:
            pass
        self.assertEqual(dmm.read_stb() & MAV, MAV)
        self.assertEqual(dmm.read(), "1")
        self.assertEqual(dmm.read_stb() & MAV, 0)

    def test_04_trigger(self):
        client = self.client("hislip1")
        client.send(b"*CLS;:TRIG:SOUR BUS;COUN 1;:INIT\n")
        client.trigger()
        self.assertEqual(self.query(client, "DATA:POIN?"), "1")
        self.assertEqual(self.query(client, "SYST:ERR?"), '0,"No error"')

    def test_05_clear(self):
        """With no answer under way: this client takes one for the acknowledge that it waits for."""
        dmm = self.resource("hislip1")
        for number in range(5):
            self.assertEqual(dmm.query("*ESE %d;*ESE?" % number), str(number))
            dmm.clear()
            self.assertEqual(dmm.query("*ESE?"), str(number))
            dmm.write_raw(b"no end of it ")
            dmm.clear()

    def test_06_locks(self):
        first, second = self.client("hislip1"), self.client("hislip1")
        self.assertEqual(first.async_lock_request(0.0), "success")
        self.assertEqual(first.async_lock_info(), 1)
        self.assertEqual(second.async_lock_request(0.2), "failure")
        second.send(b"*OPC?\n")  # is left unread
        self.assertEqual(self.query(first, "*ESE 3;*ESE?"), "3")
        self.assertEqual(first.async_lock_release(), "success")
        self.assertEqual(second.receive(), b"1\n")
        self.assertEqual(first.async_lock_request(0.0, "key"), "success")
        self.assertEqual(second.async_lock_request(0.0, "key"), "success")
        self.assertEqual(second.async_lock_info(), 0)
        self.assertEqual(second.async_lock_release(), "success shared")
        self.assertEqual(second.async_lock_release(), "error")
        self.assertEqual(first.async_lock_release(), "success shared")

    def test_07_service_request(self):
        client = self.client("hislip1")
        client.send(b"*CLS;*SRE 32;*ESE 1;*OPC\n")
        request = hislip.AsyncServiceRequest(client._async)
        self.assertEqual(request.server_status & (RQS | 0x20), RQS | 0x20)
        self.assertEqual(client.async_status_query() & RQS, RQS)
        self.assertEqual(client.async_status_query() & RQS, 0)
        client.send(b"*SRE 0;*CLS\n")

    def test_08_remote_and_local(self):
        client = self.client("hislip1")
        for code in hislip.REMOTELOCALCONTROLCODE:
            client.async_remote_local_control(code)
        client.async_remote_local_control("enableRemote")
        self.assertEqual(self.query(client, "*OPC?"), "1")

    def test_09_errors(self):
        client = self.client("hislip1")
        client._sync.sendall(b"HS" + bytes([77]) + bytes(13))
        self.assertEqual(hislip.Error(client._sync).error_code, "Unrecognized Message Type")
        client._sync.sendall(b"HS" + bytes([200]) + bytes(13))
        self.assertEqual(hislip.Error(client._sync).error_code, "Unrecognized Vendor Defined Message")
        self.assertEqual(self.query(client, "*OPC?"), "1")
        with self.assertRaisesRegex(RuntimeError, "FatalError.*no sub-address .*hislip99"):
            self.client("hislip99")

    def test_10_overlap_mode_is_left_by_a_device_clear(self):
        """This client prints that it cannot have it, and then loses answers; a clear asks for the other."""
        client = self.client("hislip3")
        client.async_device_clear()
        self.assertEqual(client.device_clear_complete(0), 0)
        client._message_id = 0xFFFFFF00
        self.assertEqual(self.query(client, "*OPC?"), "1")

    def test_11_stale_ids_are_passed_over(self):
        self.bench.ask(op="fault_on", instrument="dmm", kind="hislip-stale", count=3)
        dmm = self.resource("hislip1")
        for _ in range(4):
            self.assertEqual(dmm.query("*OPC?"), "1")

    def test_12_many_clients(self):
        clients = [self.client("hislip%d" % (number % 3)) for number in range(60)]
        for client in clients:
            client.send(b"*IDN?\n")
        for client in clients:
            self.assertIn(b"FreeVISA", client.receive())

    def test_13_every_frame_is_understood(self):
        if self.capture is None:
            self.skipTest(self.reason)
        found = dissection.dissect(self.capture.end(), self.bench.port)
        print("    %d messages of HiSLIP" % found.messages)
        for complaint in found.complaints[:20]:
            print("    " + complaint)
        self.assertEqual(found.complaints, [])
        self.assertEqual(dissection.USED - found.types, set(), "are in the capture")

    def test_14_a_malformed_header_is_noticed(self):
        """The judge before can say no."""
        try:
            capture = dissection.Capture(os.path.join(tempfile.mkdtemp(), "bad.pcapng"), self.bench.port)
        except dissection.Impossible as impossible:
            self.skipTest(str(impossible))
        self.bench.ask(op="fault_on", instrument="dmm", kind="hislip-prologue", procedure="async_lock_info",
                       count=1)
        client = self.client("hislip1")
        with self.assertRaisesRegex(RuntimeError, "synchronization"):
            client.async_lock_info()
        self.assertNotEqual(dissection.dissect(capture.end(), self.bench.port).complaints, [])


class Telling(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)
        print(test.id().split(".")[-1], flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print("    skipped: " + reason, flush=True)


def main():
    with tempfile.TemporaryDirectory() as folder:
        Peers.bench = Bench(folder)
        try:
            try:
                Peers.capture = dissection.Capture(os.path.join(folder, "hislip.pcapng"), Peers.bench.port)
            except dissection.Impossible as impossible:
                Peers.reason = str(impossible)
            suite = unittest.defaultTestLoader.loadTestsFromTestCase(Peers)
            result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Telling).run(suite)
        finally:
            if Peers.capture:
                Peers.capture.end()
            Peers.bench.end()
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - skipped, failed, skipped))
    sys.exit(0 if failed == 0 and result.testsRun > skipped else 1)


main()
