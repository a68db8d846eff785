# SPDX-License-Identifier: MIT
"""secure_faults.py BUILD_DIR

Faults of the bench's HiSLIP server inside and around TLS, through libvisa: each gives its status within the timeout, and
afterwards a query gets its own answer, in the same session unless the connection is lost. Beside the interpreter it
needs libvisa.so.1 and the freevisa command with TLS alone. The last line is `N passed, N failed, N skipped`. Exit code
77: this build has no TLS.
"""
import ctypes
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "."
TIMEOUT = 300
INSTRUMENT = """[instrument]
name = "secure"
identity = "A,secure,1,1"

[hislip]
encryption = "optional"
overlap = "allowed"
mechanisms = ["SCRAM-SHA-256"]
users = { anna = "only a test" }
"""
CREDENTIAL = """[settings]
lan_discovery = false

[[credential]]
name = "lab"
user = "anna"
password = "only a test"
ca_file = "%s"
"""
ENCRYPTION, TMO_VALUE = 0x3FFF0304, 0x3FFF001A
STATUS = {"OK": 0, "TMO": 0xBFFF0015, "LOST": 0xBFFF00A6, "IO": 0xBFFF003E,
          "NFOUND": 0xBFFF0011, "NPERMISSION": 0xBFFF00A8, "UNTRUSTED": 0xBFFF00B1, "EXPIRED": 0xBFFF00B2,
          "SUBJECT": 0xBFFF00B4, "NSUP_OPER": 0xBFFF0067, "NSUP_STATE": 0xBFFF001E}

# What makes a session useless, because no message can be told from the next any more: opened again it works.
ENDS_THE_SESSION = {"hislip-length", "hislip-prologue"}
# Fault, what the query answers.
IN_A_QUERY = [
    ({"kind": "hislip-lost", "procedure": "data", "after": 0}, {"TMO"}),
    ({"kind": "hislip-silence", "procedure": "data"}, {"TMO"}),
    ({"kind": "hislip-twice", "procedure": "data"}, {"OK"}),
    ({"kind": "hislip-late", "procedure": "data", "ms": 600}, {"TMO"}),
    ({"kind": "hislip-split", "procedure": "data", "bytes": 3}, {"OK"}),
    ({"kind": "hislip-stall", "procedure": "data", "ms": 600}, {"TMO"}),
    ({"kind": "hislip-close", "procedure": "data"}, {"LOST"}),
    ({"kind": "hislip-close", "procedure": "data", "reset": True}, {"LOST"}),
    ({"kind": "hislip-fatal", "procedure": "data", "error": 1}, {"LOST"}),
    ({"kind": "hislip-fatal-inside", "procedure": "data", "error": 1}, {"LOST"}),
    ({"kind": "hislip-error", "procedure": "data", "error": 1}, {"IO"}),
    ({"kind": "hislip-id", "procedure": "data"}, {"TMO"}),
    ({"kind": "hislip-stale", "procedure": "data"}, {"OK"}),
    ({"kind": "hislip-length", "procedure": "data"}, {"TMO"}),
    ({"kind": "hislip-prologue", "procedure": "data"}, {"IO"}),
    ({"kind": "hislip-type", "procedure": "data", "error": 99}, {"TMO"}),
    ({"kind": "hislip-extra", "procedure": "data"}, {"OK"}),
    ({"kind": "hislip-extra", "procedure": "data", "error": 20}, {"OK"}),
    ({"kind": "hislip-no-end", "procedure": "data"}, {"TMO"}),
    ({"kind": "hislip-interrupted", "procedure": "data"}, {"TMO"}),
    ({"kind": "drop"}, {"LOST"}),
    ({"kind": "truncate"}, {"TMO"}),
]
CERTIFICATES = [("expired", "EXPIRED"), ("not-yet", "EXPIRED"), ("wrong-host", "SUBJECT"),
                ("unknown-ca", "UNTRUSTED"), ("self-signed", "UNTRUSTED"), ("old", "NFOUND"),
                ("garbage", "NFOUND"), ("close", "NFOUND")]
# Fault, what viOpen answers.
AT_OPENING = [({"kind": "hislip-tls-" + name, "procedure": step}, {status})
              for name, status in CERTIFICATES for step in ("async_start_tls", "start_tls")] + [
    ({"kind": "hislip-tls-busy", "procedure": "async_start_tls"}, {"OK"}),
    ({"kind": "hislip-tls-error", "procedure": "async_start_tls"}, {"NPERMISSION"}),
    ({"kind": "hislip-tls-close", "procedure": "start_tls", "bytes": 50, "reset": True}, {"NFOUND"}),
    ({"kind": "hislip-tls-silence", "procedure": "async_start_tls", "bytes": 20}, {"TMO"}),
    ({"kind": "hislip-tls-silence", "procedure": "start_tls"}, {"TMO"}),
    ({"kind": "hislip-tls-clear", "procedure": "start_tls"}, {"NFOUND"}),
    ({"kind": "hislip-sasl-list", "procedure": "get_sasl_mechanism_list"}, {"NPERMISSION"}),
    ({"kind": "hislip-sasl-list", "procedure": "get_sasl_mechanism_list", "bytes": 4000}, {"NPERMISSION"}),
    ({"kind": "hislip-sasl-nonce"}, {"NPERMISSION"}),
    ({"kind": "hislip-sasl-signature", "after": 1}, {"NPERMISSION"}),
    ({"kind": "hislip-sasl-endless"}, {"NPERMISSION"}),
    ({"kind": "hislip-sasl-challenge"}, {"NPERMISSION"}),
    ({"kind": "hislip-sasl-failure", "error": 1}, {"NPERMISSION"}),
    ({"kind": "hislip-control", "procedure": "async_initialize", "error": 0}, {"NPERMISSION"}),
]


class Bench:
    def __init__(self, folder):
        file = os.path.join(folder, "secure.toml")
        with open(file, "w", encoding="ascii") as out:
            out.write(INSTRUMENT)
        self.control = os.path.join(folder, "control")
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "freevisa"), "sim", "--port", "0", "--no-vxi11", "--no-serial", "--certificates",
             folder, "--control", "unix:" + self.control, file], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            text=True)
        self.name = None
        for line in self.process.stdout:
            found = re.search(r"TCPIP0?::(127\.0\.0\.1::hislip\S*::INSTR)", line)
            self.name = self.name or (found and "TCPIP0::lab@" + found.group(1))
            if line.strip() == "ready":
                return
        sys.exit("the bench ended with %s" % self.process.wait(10))

    def ask(self, **request):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(20)
            line.connect(self.control)
            line.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(line.makefile().readline())
        if not answer["ok"]:
            raise RuntimeError(answer["error"])
        return answer


class Session:
    """The instrument by libvisa, opened where it has to be."""

    def __init__(self, name):
        self.visa = ctypes.CDLL(os.path.join(BUILD, "libvisa.so.1"))
        self.name, self.vi, self.manager = name.encode(), None, ctypes.c_uint32()
        self.visa.viOpenDefaultRM(ctypes.byref(self.manager))

    def open(self, timeout=5000):
        vi = ctypes.c_uint32()
        status = self.visa.viOpen(self.manager, self.name, 0, timeout, ctypes.byref(vi)) & 0xFFFFFFFF
        if status == 0:
            self.vi = vi
            self.set_timeout(TIMEOUT)
        return status

    def set_timeout(self, milliseconds):
        self.visa.viSetAttribute(self.vi, TMO_VALUE, ctypes.c_size_t(milliseconds))

    def close(self):
        if self.vi is not None:
            self.visa.viClose(self.vi)
            self.vi = None

    def encrypted(self):
        value = ctypes.c_uint16(2)
        self.visa.viGetAttribute(self.vi, ENCRYPTION, ctypes.byref(value))
        return value.value == 1

    def query(self, text):
        count, answer = ctypes.c_uint32(), ctypes.create_string_buffer(1000)
        data = text.encode() + b"\n"
        status = self.visa.viWrite(self.vi, data, len(data), ctypes.byref(count)) & 0xFFFFFFFF
        if status < 0x80000000:
            status = self.visa.viRead(self.vi, answer, 1000, ctypes.byref(count)) & 0xFFFFFFFF
        return status, answer.raw[: count.value].decode("ascii", "replace") if status < 0x80000000 else ""

    def set_encryption(self, on):
        return self.visa.viSetAttribute(self.vi, ENCRYPTION, ctypes.c_size_t(on)) & 0xFFFFFFFF


class Trials:
    def __init__(self, bench, session):
        self.bench, self.session = bench, session
        self.passed = self.failed = 0

    def judge(self, what, problems):
        print("%s: %s%s" % ("FAILED" if problems else "ok", what, "".join("\n    " + one for one in problems)), flush=True)
        self.passed, self.failed = self.passed + (not problems), self.failed + bool(problems)

    def works(self, number):
        """Two queries in a row that only this trial sends; they wait for what a fault still holds back."""
        problems = []
        self.session.set_timeout(10000)
        if not self.session.encrypted():
            problems.append("the session is not encrypted")
        for value in (number, number + 1):
            seen = self.session.query("*ESE %d;*ESE?" % value)
            if seen != (0, "%d\n" % value):
                problems.append("the query after it: 0x%08X %r" % seen)
        return problems

    def status(self, seen, wanted):
        return [] if seen in {STATUS[one] for one in wanted} else ["0x%08X instead of %s" % (seen, sorted(wanted))]

    def in_a_query(self, number, fault, wanted):
        self.session.close()
        problems = self.status(self.session.open(), {"OK"})
        if not problems:
            self.bench.ask(op="fault_on", instrument="secure", **{"count": 1, **fault})
            begun = time.monotonic()
            seen, text = self.session.query("*IDN?")
            problems += self.status(seen, wanted)
            if seen == 0 and text != "A,secure,1,1\n":
                problems.append("another answer: %r" % text)
            if time.monotonic() - begun > 10:
                problems.append("it took %.1f s" % (time.monotonic() - begun))
            self.bench.ask(op="fault_off")
            if seen == STATUS["LOST"] or fault["kind"] in ENDS_THE_SESSION:
                problems += self.status(self.session.query("*IDN?")[0], wanted)
                self.session.close()
                problems += self.status(self.session.open(), {"OK"})
            problems += self.works(number)
        self.judge("%s in a query" % fault, problems)

    def at_opening(self, number, fault, wanted):
        self.session.close()
        count = 0 if "endless" in fault["kind"] else 1
        self.bench.ask(op="fault_on", instrument="secure", **{"count": count, **fault})
        begun = time.monotonic()
        problems = self.status(self.session.open(1000 if "silence" in fault["kind"] else 5000), wanted)
        if time.monotonic() - begun > 10:
            problems.append("it took %.1f s" % (time.monotonic() - begun))
        self.bench.ask(op="fault_off")
        self.session.close()
        problems += self.status(self.session.open(), {"OK"})
        if self.session.vi is not None:
            problems += self.works(number)
        self.judge("%s at the opening" % fault, problems)

    def at_the_switch(self):
        """The end of TLS that the instrument does not say."""
        for step in ("async_end_tls", "end_tls"):
            self.session.close()
            problems = self.status(self.session.open(), {"OK"})
            self.bench.ask(op="fault_on", instrument="secure", kind="hislip-tls-no-notify", procedure=step, count=1)
            seen = self.session.set_encryption(0)
            problems += self.status(seen, {"TMO"})
            self.bench.ask(op="fault_off")
            self.session.close()
            problems += self.status(self.session.open(), {"OK"}) or self.works(1)
            self.judge("no close_notify, %s: 0x%08X" % (step, seen), problems)


def main():
    shown = subprocess.run([os.path.join(BUILD, "freevisa"), "sim", "--help"], capture_output=True, text=True,
                           timeout=30, check=False)
    if "--certificates" not in shown.stdout or not os.path.exists(os.path.join(BUILD, "freevisa-modules", "tls.so")):
        print("skipped: this build has no TLS (Debian, Ubuntu: libssl-dev)")
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="freevisa-faults-") as folder:
        bench = Bench(folder)
        try:
            os.environ["FREEVISA_CONFIG"] = os.path.join(folder, "client.toml")
            with open(os.environ["FREEVISA_CONFIG"], "w", encoding="ascii") as file:
                file.write(CREDENTIAL % os.path.join(folder, "ca.pem"))
            trials = Trials(bench, Session(bench.name))
            for number, (fault, wanted) in enumerate(IN_A_QUERY):
                trials.in_a_query(2 * number, fault, wanted)
            for number, (fault, wanted) in enumerate(AT_OPENING):
                trials.at_opening(2 * number, fault, wanted)
            trials.at_the_switch()
            trials.session.close()
        finally:
            bench.process.terminate()
            bench.process.wait(10)
    print("%d passed, %d failed, 0 skipped" % (trials.passed, trials.failed))
    sys.exit(1 if trials.failed or not trials.passed else 0)


if __name__ == "__main__":
    main()
