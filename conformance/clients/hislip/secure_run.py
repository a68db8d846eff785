# SPDX-License-Identifier: MIT
"""secure_run.py BUILD_DIR

The secure connection of the bench's HiSLIP server, judged by what nobody here wrote: the ssl module of Python and
`openssl s_client` do the handshakes, hashlib and hmac the SASL (secure_client.py). Needs nothing but Python; the ports
are ones the system chooses. The last line is `N passed, N failed, N skipped`. Exit code 77: the bench or this Python
has no TLS.
"""
import json
import os
import select
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import secure_client as hislip
from secure_client import Client, Fatal, Refused, context

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
PASSWORD = "only-this-test-knows"
INSTRUMENTS = {
    "open": 'encryption = "optional"\nmechanisms = ["SCRAM-SHA-256", "EXTERNAL", "PLAIN", "ANONYMOUS"]\n'
            'users = { alice = "%s", "a,b=c" = "%s" }\n' % (PASSWORD, PASSWORD),
    "lapped": 'encryption = "initial"\noverlap = "preferred"\n',
    "always": 'encryption = "mandatory"\ntls = "1.2"\n',
}
DEVICE = {name: "hislip%d" % number for number, name in enumerate(INSTRUMENTS)}
WAVEFORM = '[[record]]\nquery = "CURVE?"\npoints = "points"\nstart = "0"\ninterval = "1"\n' \
            'encoding_property = "form"\n[[record.signal]]\nshape = "sine"\namplitude = "100"\nfrequency = "0.01"\n' \
            '[[record.encoding]]\ntype = "int8"\nchoice = "BYTE"\nzero = 0\nstep = 1\nreference = 0\nlow = -128\n' \
            'high = 127\n[[property]]\nname = "points"\nheader = "POINTS"\ntype = "integer"\nmin = 1\nmax = 9000000\n' \
            'default = 10\n[[property]]\nname = "form"\nheader = "FORM"\ntype = "choice"\nchoices = ["BYTE"]\n'


class Bench:
    """The bench as a process: `port`, `control`, `folder` with the certificates, `log`."""

    def __init__(self, folder):
        self.folder, self.log = os.path.join(folder, "certificates"), os.path.join(folder, "log")
        files = []
        for name, security in INSTRUMENTS.items():
            files.append(os.path.join(folder, name + ".toml"))
            with open(files[-1], "w", encoding="ascii") as out:
                out.write('[instrument]\nname = "%s"\nidentity = "A,%s,1,1"\n[hislip]\n%s%s' %
                          (name, name, security, WAVEFORM))
        checked = subprocess.run([os.path.join(BUILD, "freevisa"), "sim", "--check", *files], capture_output=True,
                                 text=True, timeout=20, check=False)
        if "built without OpenSSL" in checked.stderr:
            print("skipped: " + checked.stderr.splitlines()[0])
            print("0 passed, 0 failed, 1 skipped")
            sys.exit(77)
        command = [os.path.join(BUILD, "freevisa"), "sim", "--port", "0", "--no-vxi11", "--control", "0",
                   "--certificates", self.folder, "--log", self.log, *files]
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
        self.said = said.decode("ascii")
        self.port = int(self.said.split("::hislip0,", 1)[1].split(":", 1)[0])
        self.control = self.said.split("# control ", 1)[1].split("\n", 1)[0].rsplit(":", 1)

    def ask(self, **request):
        """One request to the control socket."""
        with socket.create_connection((self.control[0], int(self.control[1])), timeout=20) as line:
            line.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(line.makefile().readline())
        if not answer["ok"]:
            raise RuntimeError(answer["error"])
        return answer

    def fault(self, kind, **more):
        """On, alone: a client that gave up early on a slow machine has not met the one before."""
        self.ask(op="fault_off")
        self.ask(op="fault_on", instrument="open", kind=kind, **{"count": 1, **more})

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self.process.stdout.close()


class Secure(unittest.TestCase):
    bench = None

    def tearDown(self):
        self.bench.ask(op="fault_off")

    def client(self, name="open", start=True, **more):
        made = Client(self.bench.port, DEVICE[name], host=more.pop("host", "localhost"),
                      context=more.pop("tls", None) or context(self.bench.folder), **more)
        self.addCleanup(made.close)
        if start:
            self.assertEqual(made.start_tls(), hislip.SUCCESS)
        return made

    def known(self, **more):
        made = self.client(**more)
        self.assertEqual(made.scram("alice", PASSWORD).control, 1)
        return made

    def test_01_both_versions_and_names(self):
        for newest, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            for host in ("localhost", "127.0.0.1", "::1"):
                client = self.known(tls=context(self.bench.folder, newest=newest), host=host)
                self.assertEqual(client.sync.line.version(), name)
                self.assertEqual(client.query("*IDN?"), "A,open,1,1")
        self.assertEqual(self.client("always").sync.line.version(), "TLSv1.2")

    def test_02_in_and_out_again(self):
        client = self.client(start=False)
        for _ in range(5):
            self.assertEqual(client.query("*OPC?"), "1")
            self.assertEqual(client.start_tls(), hislip.SUCCESS)
            self.assertEqual(client.scram("alice", PASSWORD).control, 1)
            self.assertEqual(client.query("*OPC?"), "1")
            self.assertEqual(client.status(), 0)
            self.assertEqual(client.end_tls(), hislip.SUCCESS)

    def test_03_the_second_handshake_resumes(self):
        client = self.client(start=False)
        self.assertEqual(client.ask_for_turn(hislip.ASYNC_START_TLS), hislip.SUCCESS)
        client.asyn.start_tls(client.context, client.host)
        client.asyn.put(hislip.MAXIMUM_SIZE, 0, 0, bytes(6) + b"\x10\x00")
        client.asyn.get(hislip.MAXIMUM_SIZE_RESPONSE)  # and the ticket before it
        client.sync.put(hislip.START_TLS)
        client.sync.start_tls(client.context, client.host, client.asyn.line.session)
        self.assertTrue(client.sync.line.session_reused)
        self.assertEqual(client.scram("alice", PASSWORD).control, 1)

    def test_04_mechanisms(self):
        client = self.client()
        self.assertEqual(client.mechanisms(), ["SCRAM-SHA-256", "EXTERNAL", "PLAIN", "ANONYMOUS"])
        for user in ("alice", "a,b=c"):
            self.assertEqual(client.scram(user, PASSWORD).control, 1)
            self.assertEqual(client.plain(user, PASSWORD).control, 1)
        self.assertEqual(client.scram("alice", PASSWORD, "y,,").control, 1)
        self.assertEqual(client.authenticate("ANONYMOUS", b"trace").control, 1)
        self.assertEqual(client.authenticate("EXTERNAL", b"").control, 0)
        self.assertEqual(client.query("*OPC?") if client.plain("alice", PASSWORD).control else "", "1")
        with_certificate = self.client(tls=context(self.bench.folder, certificate=True))
        self.assertEqual(with_certificate.authenticate("EXTERNAL", b"client").control, 1)
        self.assertEqual(with_certificate.query("*OPC?"), "1")

    def test_05_failures_and_another_attempt(self):
        client = self.client()
        for answer in (client.scram("alice", "wrong"), client.scram("nobody", PASSWORD),
                       client.plain("alice", "wrong"), client.plain("alice", PASSWORD, "other")):
            self.assertEqual((answer.kind, answer.control), (hislip.AUTHENTICATION_RESULT, 0))
            self.assertNotEqual(answer.parameter, 0)
            self.assertNotEqual(answer.payload, b"")
        client.sync.put(hislip.AUTHENTICATION_START, 0, 0, b"GSSAPI")
        with self.assertRaises(Refused) as refused:
            client.sync.get()
        self.assertEqual(refused.exception.args[0], 5)
        self.assertEqual(client.scram("alice", PASSWORD).control, 1)
        self.assertEqual(client.query("*OPC?"), "1")

    def test_06_nothing_before_it_is_secure(self):
        for name in ("lapped", "always"):
            client = self.client(name, start=False)
            client.write(b"*OPC?")
            with self.assertRaises(Fatal) as fatal:
                client.read()
            self.assertEqual(fatal.exception.args[0], 5)
            with self.assertRaises(Fatal) as fatal:
                self.client(name, start=False, version=0x0100)
            self.assertEqual(fatal.exception.args[0], 5)
        client = self.client()
        client.write(b"*OPC?")
        with self.assertRaises(Fatal) as fatal:
            client.read()
        self.assertEqual(fatal.exception.args, (5, "the client has not been authenticated: DataEND"))

    def test_07_overlap_mode(self):
        client = self.client("lapped")
        self.assertEqual(client.hello.control, 5)
        for number in range(20):
            client.write(b"*ESE %d;*ESE?" % number)
        for number in range(20):
            self.assertEqual(client.read(), b"%d\n" % number)
        self.assertEqual(client.end_tls(), hislip.SUCCESS)
        self.assertEqual(client.query("*OPC?"), "1")

    def test_08_large_answers(self):
        client = self.known()
        client.query("POINTS 9000000;*OPC?")
        client.write(b"CURVE?")
        block = client.read()
        self.assertEqual(len(block), 9000010)
        clear = self.client("open", start=False)
        clear.write(b"CURVE?")
        self.assertEqual(clear.read(), block)

    def test_09_certificates(self):
        reasons = {"expired": "expired", "not-yet": "not yet valid", "wrong-host": "mismatch",
                   "unknown-ca": "unable to get local issuer", "self-signed": "self-signed"}
        for kind, text in reasons.items():
            for step in ("async_start_tls", "start_tls"):
                self.bench.fault("hislip-tls-" + kind, procedure=step)
                with self.assertRaises(ssl.SSLCertVerificationError) as refused:
                    self.client()
                self.assertIn(text, str(refused.exception).replace("self signed", "self-signed"))
        self.known()

    def test_10_handshakes_that_end(self):
        self.bench.fault("hislip-tls-old")
        with self.assertRaises(ssl.SSLError):
            self.client(tls=context(self.bench.folder, oldest=ssl.TLSVersion.TLSv1_2))
        for size in (0, 1, 5, 90, 200, 500):
            for step in ("async_start_tls", "start_tls"):
                for reset in (False, True):
                    self.bench.fault("hislip-tls-close", procedure=step, bytes=size, reset=reset)
                    with self.assertRaises((ssl.SSLError, OSError)):
                        self.client()
                self.bench.fault("hislip-tls-silence", procedure=step, bytes=size)
                with self.assertRaises(socket.timeout):
                    self.client(timeout=0.3)
        self.bench.fault("hislip-tls-garbage")
        with self.assertRaises(ssl.SSLError):
            self.client()
        self.known()

    def test_11_clear_text_inside(self):
        self.bench.fault("hislip-tls-clear", procedure="start_tls")
        client = self.client()
        with self.assertRaises(ssl.SSLError):
            client.mechanisms()

    def test_12_scram_servers_that_lie(self):
        client = self.client()
        self.bench.fault("hislip-sasl-nonce")
        with self.assertRaisesRegex(ValueError, "nonce"):
            client.scram("alice", PASSWORD)
        self.bench.fault("hislip-sasl-signature", after=1)
        with self.assertRaisesRegex(ValueError, "does not know the password"):
            client.scram("alice", PASSWORD)
        self.assertEqual(client.scram("alice", PASSWORD).control, 1)

    def test_13_a_client_that_trusts_nobody(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.client(tls=ssl.create_default_context())
        asking, end = self.client(start=False), time.monotonic() + 20
        found = asking.descriptors()
        while b"unknown ca" not in found[2] and time.monotonic() < end:  # the alert is on its way
            found = asking.descriptors()
        self.assertEqual(found[0], b"\x03\x03\x03\x04")
        self.assertIn(b"unknown ca", found[2])

    def test_14_openssl_itself(self):
        """The first handshake by `openssl s_client`, which a relay connects to the channel."""
        program = shutil.which("openssl")
        if program is None:
            self.skipTest("there is no openssl")
        client = self.client(start=False)
        self.assertEqual(client.ask_for_turn(hislip.ASYNC_START_TLS), hislip.SUCCESS)
        with socket.create_server((hislip.HOST, 0)) as relay:
            command = [program, "s_client", "-quiet", "-verify_return_error", "-verify_hostname", "localhost",
                       "-CAfile", os.path.join(self.bench.folder, "ca.pem"), "-connect",
                       "%s:%d" % relay.getsockname()]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL) as process:
                relay.settimeout(20)
                line = relay.accept()[0]
                for one, other in ((line, client.asyn.line), (client.asyn.line, line)):
                    threading.Thread(target=pass_on, args=(one, other), daemon=True).start()
                process.stdin.write(hislip.packed(hislip.MAXIMUM_SIZE, 0, 0, bytes(6) + b"\x10\x00"))
                process.stdin.flush()
                answer = process.stdout.read(24)
                process.kill()
            line.close()
        self.assertEqual(answer[:3], b"HS" + bytes([hislip.MAXIMUM_SIZE_RESPONSE]))

    def test_15_many_clients(self):
        clients = [self.known() for _ in range(30)]
        for client in clients:
            client.write(b"*IDN?")
        for client in clients:
            self.assertEqual(client.read(), b"A,open,1,1\n")

    def test_16_nothing_secret_is_printed(self):
        with open(self.bench.log, encoding="ascii") as log:
            text = log.read()
        self.assertIn("SCRAM-SHA-256 user alice", text)
        self.assertIn("asynchronous TLSv1.3", text)
        self.assertNotIn(PASSWORD, text)
        self.assertNotIn(PASSWORD, self.bench.said)


def pass_on(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass


class Telling(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)
        print(test.id().split(".")[-1], flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print("    skipped: " + reason, flush=True)


def main():
    with tempfile.TemporaryDirectory() as folder:
        Secure.bench = Bench(folder)
        try:
            suite = unittest.defaultTestLoader.loadTestsFromTestCase(Secure)
            result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Telling).run(suite)
        finally:
            Secure.bench.end()
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - skipped, failed, skipped))
    sys.exit(0 if failed == 0 and result.testsRun > skipped else 1)


main()
