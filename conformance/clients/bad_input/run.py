# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR

What a network, an instrument and a configuration can have wrong. Each case: the status VPP-4.3 has for
it, a text that names the place, the cause and what to do, the deadline held, and a library (and, where
the connection lives, a session) that works afterwards. Ends with `N passed, N failed, N skipped`.
"""
import faulthandler
import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import visa as v

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1])
LIBRARY = os.path.join(BUILD, "libvisa.so.1")
LATE = 0.25  # generous, for a busy machine; the figure that counts is printed

NO_ROUTE = """
import sys, time
sys.path.insert(0, sys.argv[1])
import visa as v
visa = v.Visa(sys.argv[2])
before = time.monotonic()
status, _ = visa.open("TCPIP::192.0.2.1::5025::SOCKET", 2000)
print("%#x" % status, time.monotonic() - before, visa.text(visa.rm, status))
"""


class Case(unittest.TestCase):
    def setUp(self):
        faulthandler.dump_traceback_later(60, exit=True)
        self.visa = v.Visa(LIBRARY)
        self.assertEqual(self.visa.opened, v.SUCCESS)

    def tearDown(self):
        self.visa.close(self.visa.rm)
        faulthandler.cancel_dump_traceback_later()

    def says(self, handle, status, *words):
        text = self.visa.text(handle, status)
        print("    " + text)
        for word in words:
            self.assertIn(word, text)

    def library_works(self):
        with v.Peer(v.healthy) as peer:
            session = v.line_session(self.visa, peer.port)
            self.session_works(session)
            self.assertEqual(self.visa.close(session), v.SUCCESS)

    def session_works(self, session):
        self.assertEqual(self.visa.write(session, b"hello\n"), (v.SUCCESS, 6))
        self.assertEqual(self.visa.read(session, 100), (v.SUCCESS_TERM_CHAR, b"you said hello\n"))

    def refused(self, name, timeout, *wanted):
        before = time.monotonic()
        status, _ = self.visa.open(name, timeout)
        taken = time.monotonic() - before
        self.assertIn(status, wanted)
        return status, taken

    def on_time(self, taken, wanted, what):
        print("    %s: %.0f ms asked, %.1f ms late" % (what, wanted * 1e3, (taken - wanted) * 1e3))
        self.assertGreaterEqual(taken, wanted - 0.002)
        self.assertLess(taken - wanted, LATE)


class Opening(Case):
    def test_refused_port(self):
        port = v.closed_port()
        status, taken = self.refused("TCPIP::127.0.0.1::%d::SOCKET" % port, 2000,
                                     v.ERROR_RSRC_NFOUND)
        self.assertLess(taken, LATE)
        self.says(self.visa.rm, status, "127.0.0.1", str(port), "refused", "socket server")
        self.library_works()

    def test_host_that_never_answers_the_connect(self):
        with v.FullQueue() as queue:
            name = "TCPIP::127.0.0.1::%d::SOCKET" % queue.port
            for timeout in (100, 500):
                status, taken = self.refused(name, timeout, v.ERROR_TMO)
                self.on_time(taken, timeout / 1000, "viOpen")
            self.says(self.visa.rm, status, "127.0.0.1", "no answer", "reachable")
            _, taken = self.refused(name, 0, v.ERROR_TMO)
            self.on_time(taken, 2, "viOpen with 0")
        self.library_works()

    def test_unreachable_address(self):
        """In a network of its own that has no way out; this machine's may answer for anyone."""
        flags = "-n" if os.geteuid() == 0 else "-rn"
        child = [sys.executable, "-c", NO_ROUTE, HERE, LIBRARY]
        tried = subprocess.run(["unshare", flags, "true"], capture_output=True, timeout=10,
                               check=False)
        if tried.returncode != 0:
            self.skipTest("this user may not have a network namespace")
        done = subprocess.run(["unshare", flags, *child], capture_output=True, text=True, timeout=30,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        status, taken, text = done.stdout.strip().split(None, 2)
        print("    " + text)
        self.assertEqual(int(status, 16), v.ERROR_RSRC_NFOUND)
        self.assertLess(float(taken), LATE)
        for word in ("192.0.2.1", "5025", "no route", "check the address"):
            self.assertIn(word, text)

    def test_name_that_does_not_resolve(self):
        """Without a name server it is a time-out that says so."""
        name = "no-such-instrument.invalid"
        status, taken = self.refused("TCPIP::%s::5025::SOCKET" % name, 3000, v.ERROR_RSRC_NFOUND,
                                     v.ERROR_TMO)
        self.assertLess(taken, 3 + LATE)
        self.says(self.visa.rm, status, name, "name", "numeric address")
        self.library_works()

    def test_name_that_cannot_be_one(self):
        """A label of 64 characters: no name server is asked."""
        name = "x" * 64 + ".invalid"
        status, taken = self.refused("TCPIP::%s::5025::SOCKET" % name, 3000, v.ERROR_RSRC_NFOUND)
        self.assertLess(taken, 1)
        self.says(self.visa.rm, status, "xxxx", "name")
        self.library_works()


class Transfer(Case):
    def test_host_that_accepts_and_never_answers(self):
        worst = 0
        with v.Peer(v.silent) as peer:
            session = v.line_session(self.visa, peer.port)
            self.assertEqual(self.visa.write(session, b"*IDN?\n"), (v.SUCCESS, 6))
            for timeout in (1, 10, 19, 20, 21, 50, 100, 300, 1000) * 3:
                self.visa.set(session, v.ATTR_TMO_VALUE, timeout)
                before = time.monotonic()
                self.assertEqual(self.visa.read(session, 100), (v.ERROR_TMO, b""))
                late = time.monotonic() - before - timeout / 1000
                self.assertGreaterEqual(late, -0.002)
                worst = max(worst, late)
            self.visa.set(session, v.ATTR_TMO_VALUE, 0)
            before = time.monotonic()
            self.assertEqual(self.visa.read(session, 100), (v.ERROR_TMO, b""))
            self.assertLess(time.monotonic() - before, LATE)
            self.says(session, v.ERROR_TMO, "127.0.0.1")
            print("    viRead, 27 deadlines of 1 to 1000 ms: worst %.1f ms late" % (worst * 1e3))
            self.assertLess(worst, LATE)
            self.assertEqual(self.visa.write(session, b"still here\n"), (v.SUCCESS, 11))
        self.library_works()

    def test_late_answer_after_a_timeout_is_cleared_away(self):
        def late(connection):
            lines = connection.makefile("rb")
            lines.readline()
            lines.readline()  # the second line is the signal to answer both
            connection.sendall(b"late\n")
            v.healthy(connection)

        with v.Peer(late) as peer:
            session = v.line_session(self.visa, peer.port, 50)
            self.visa.write(session, b"*IDN?\n")
            self.assertEqual(self.visa.read(session, 100), (v.ERROR_TMO, b""))
            self.visa.set(session, v.ATTR_TMO_VALUE, 5000)
            self.visa.write(session, b"now\n")
            self.assertEqual(self.visa.read(session, 100), (v.SUCCESS_TERM_CHAR, b"late\n"))
            self.session_works(session)

    def test_peer_that_does_not_take_the_data(self):
        with v.Peer(lambda connection: time.sleep(20)) as peer:
            session = v.line_session(self.visa, peer.port, 300)
            data = b"x" * 50_000_000
            before = time.monotonic()
            status, done = self.visa.write(session, data)
            self.on_time(time.monotonic() - before, 0.3, "viWrite")
            self.assertEqual(status, v.ERROR_TMO)
            self.assertTrue(0 < done < 50_000_000)
            self.says(session, status, "127.0.0.1", "does not take")
        self.library_works()

    def gone(self, behave, partial):
        with v.Peer(behave) as peer:
            session = v.line_session(self.visa, peer.port, 5000)
            self.visa.write(session, b"*IDN?\n")
            before = time.monotonic()
            status, data = self.visa.read(session, 100)
            self.assertEqual(status, v.ERROR_CONN_LOST)
            self.assertLess(time.monotonic() - before, 2)
            self.assertEqual(data, partial)
            self.says(session, status, "127.0.0.1", "open it again")
            for _ in range(2):
                self.assertEqual(self.visa.write(session, b"hello\n")[0], v.ERROR_CONN_LOST)
                self.assertEqual(self.visa.read(session, 10), (v.ERROR_CONN_LOST, b""))
            self.assertEqual(self.visa.close(session), v.SUCCESS)
        self.library_works()

    def test_peer_that_closes_in_the_middle_of_an_answer(self):
        def close(connection):
            connection.recv(100)
            connection.sendall(b"half an ans")
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()

        self.gone(close, b"half an ans")

    def test_peer_that_resets_in_the_middle_of_a_read(self):
        def reset(connection):
            connection.recv(100)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

        self.gone(reset, b"")

    def promise(self, header):
        """Promises a block, delivers 1000 bytes of it and falls silent; then answers lines again."""
        def behave(connection):
            lines = connection.makefile("rb")
            lines.readline()
            connection.sendall(header + b"x" * 1000)
            for line in lines:
                connection.sendall(b"you said " + line)
        return behave

    def test_header_that_promises_four_gigabytes(self):
        """The library believes the caller's count, not the instrument's: nothing is allocated for the
        promise, the read ends at its deadline with what came, and the session lives."""
        for header in (b"#9999999999", b"#:4294967296", b"#A\xff\xff\xff\xff"):
            with self.subTest(header=header), v.Peer(self.promise(header)) as peer:
                session = v.line_session(self.visa, peer.port, 300)
                self.visa.set(session, v.ATTR_TERMCHAR_EN, 0)
                self.visa.write(session, b"CURV?\n")
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                before = time.monotonic()
                status, data = self.visa.read(session, 1 << 20)
                self.on_time(time.monotonic() - before, 0.3, "viRead")
                self.assertEqual((status, data), (v.ERROR_TMO, header + b"x" * 1000))
                self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak, 20_000)
                self.visa.set(session, v.ATTR_TERMCHAR_EN, 1)
                self.visa.set(session, v.ATTR_TMO_VALUE, 5000)
                self.session_works(session)

    def test_freevisa_query_of_a_header_that_promises_too_much(self):
        program = os.path.join(BUILD, "freevisa")
        with v.Peer(self.promise(b"#9999999999")) as peer, tempfile.TemporaryDirectory() as folder:
            before = time.monotonic()
            done = subprocess.run(
                [program, "query", "--timeout", "500", "--output", os.path.join(folder, "out"),
                 "TCPIP::127.0.0.1::%d::SOCKET" % peer.port, "CURV?"],
                capture_output=True, text=True, timeout=30, check=False,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29)))
            print("    " + done.stderr.strip())
            self.assertGreater(done.returncode, 0)
            self.assertLess(time.monotonic() - before, 10)


CONFIG_CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
import visa as v
visa = v.Visa(sys.argv[2])
print("%#x" % visa.opened)
print(visa.text(visa.rm, v.WARN_CONFIG_NLOADED))
session = v.line_session(visa, int(sys.argv[3]))
print(visa.write(session, b"hello\\n"), visa.read(session, 100))
"""


class Configuration(unittest.TestCase):
    def broken(self, content, *words, place=None, opened_with=v.WARN_CONFIG_NLOADED):
        """viOpenDefaultRM answers `opened_with`: a warning only where a file as a whole is lost.
        Status text and trace say file, line and cause, everything works."""
        with tempfile.TemporaryDirectory() as folder, v.Peer(v.healthy) as peer:
            path = os.path.join(folder, "bench.toml")
            if content is not None:
                with open(path, "wb") as file:
                    file.write(content)
            if place is not None:
                path = place
            trace = os.path.join(folder, "trace")
            done = subprocess.run(
                [sys.executable, "-c", CONFIG_CHILD, HERE, LIBRARY, str(peer.port)], capture_output=True, text=True, timeout=30, check=False,
                env=dict(os.environ, FREEVISA_CONFIG=path, FREEVISA_TRACE=trace))
            self.assertEqual(done.returncode, 0, done.stderr)
            opened, text, works = done.stdout.strip().split("\n")
            print("    " + text)
            self.assertEqual(int(opened, 16), opened_with)
            with open(trace, encoding="utf-8", errors="replace") as file:
                traced = [line for line in file if "configuration: " in line]
            self.assertTrue(any(all(word in line for word in (os.path.basename(path), *words))
                                for line in traced), traced)
            for word in words:
                self.assertIn(word, text)
            self.assertIn("you said hello", works)

    def test_file_that_is_no_toml(self):
        self.broken(b'[[resource]]\nname = "TCPIP::127.0.0.1::5025::SOCKET\nalias = "x"\n', ":2:")

    def test_section_that_is_no_toml(self):
        self.broken(b'[settings]\nlan_discovery = false\n'
                    b'[[resource]]\nname = "TCPIP::127.0.0.1::5025::SOCKET\n', ":4:",
                    "section is not loaded", opened_with=v.SUCCESS)

    def test_name_that_is_none(self):
        self.broken(b'\n\n[[resource]]\nname = "TCPIP::::"\n', ":4:", "no resource name",
                    opened_with=v.SUCCESS)

    def test_value_of_the_wrong_type(self):
        self.broken(b'[settings]\nconnect_timeout_ms = "soon"\n', ":2:", "whole number",
                    opened_with=v.SUCCESS)

    def test_attribute_value_out_of_range(self):
        self.broken(b'[[resource]]\nname = "TCPIP::127.0.0.1::5025::SOCKET"\n'
                    b"attributes = { VI_ATTR_TERMCHAR = 999 }\n", ":3:", "VI_ATTR_TERMCHAR",
                    opened_with=v.SUCCESS)

    def test_garbage(self):
        self.broken(bytes(range(256)) * 64)

    def test_file_of_two_megabytes(self):
        self.broken(b"# nothing\n" * 200_000)

    def test_file_that_is_missing(self):
        self.broken(None, "bench.toml")

    def test_folder_in_the_place_of_a_file(self):
        self.broken(None, place="/tmp")

    def test_endless_file(self):
        self.broken(None, place="/dev/zero")


def main():
    result = unittest.main(argv=[sys.argv[0], "-v"], exit=False).result
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - skipped, failed, skipped))
    sys.exit(0 if failed == 0 and result.testsRun > skipped else 1)


if __name__ == "__main__":
    main()
