# SPDX-License-Identifier: MIT
"""run.py MACHINE...: what cross.sh built for each MACHINE, held against what /build/amd64 holds.

Runs in the Debian 13 of debian13.sh, other processors under qemu: the unit tests; a client whose output,
trace and bytes on the wire must be those of amd64; handlers that leave by throw and longjmp; locks between
a 32-bit and a 64-bit process. Ends with "N passed, N failed, N skipped".
"""
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading

UNIT_TESTS = ("unit_lib_model", "unit_lib_format", "unit_drivers_common")
ANSWERS = {b"NUM?\n": b"1,-2,300000\n", b"BLK?\n": b"#18\1\2\3\4\5\6\7\x08\n", b"FLT?\n": b"0.1,3.25\n"}
TIMED_OUT, LOCKED = "bfff0015", "bfff000f"
QEMU = {"armhf": "arm", "s390x": "s390x", "arm64": "aarch64", "riscv64": "riscv64"}
GNU = {"armhf": "arm-linux-gnueabihf", "i386": "i686-linux-gnu", "s390x": "s390x-linux-gnu",
       "arm64": "aarch64-linux-gnu", "riscv64": "riscv64-linux-gnu"}
LOADER_I386 = "/lib/ld-linux.so.2"


class Count:
    passed = failed = skipped = 0


def check(name, fault):
    """One test: `fault` says what is wrong, nothing when all is right."""
    if fault:
        Count.failed += 1
        print("FAILED: %s: %s" % (name, fault))
    else:
        Count.passed += 1
        print("passed: " + name)


class Server:
    """Answers the questions of smoke.c on loopback and keeps every byte it was sent."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = str(self.listener.getsockname()[1])
        self.log = b""
        self.talks = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.talks.append(threading.Thread(target=self.serve, args=(client,), daemon=True))
            self.talks[-1].start()

    def serve(self, client):
        pending = b""
        with client:
            while True:
                data = client.recv(65536)
                if not data:
                    return
                self.log += data
                pending += data
                for question, answer in ANSWERS.items():
                    if pending.endswith(question):
                        client.sendall(answer)
                        pending = b""

    def received(self):
        """All of it: the client has ended."""
        for talk in self.talks:
            talk.join(60)
        return self.log

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class Machine:
    def __init__(self, name):
        self.name = name
        self.folder = os.path.join("/build", name)
        self.build = os.path.join(self.folder, "freevisa")

    def command(self, program, *arguments):
        if self.name in QEMU:
            emulator = ["qemu-" + QEMU[self.name], "-L", "/usr/" + GNU[self.name]]
            return [*emulator, "-E", "LD_LIBRARY_PATH=" + self.build, program, *arguments]
        return [program, *arguments]

    def environment(self, **more):
        environment = dict(os.environ, XDG_CONFIG_HOME=self.folder, **more)
        if self.name in QEMU:
            environment["FREEVISA_EMULATED"] = "1"
        else:
            places = [self.build]
            if self.name in GNU:
                places.append("/usr/%s/lib" % GNU[self.name])
            environment["LD_LIBRARY_PATH"] = ":".join(places)
        return environment

    def run(self, program, *arguments, limit=600, **more):
        return subprocess.run(self.command(os.path.join(self.folder, program), *arguments), text=True,
                              errors="backslashreplace", capture_output=True, timeout=limit, check=False,
                              env=self.environment(**more))


def unit_tests(machine):
    for program in UNIT_TESTS:
        path = os.path.join("freevisa/conformance/unit", program)
        if not os.path.exists(os.path.join(machine.folder, path)):
            check("%s %s" % (machine.name, program), "was not built")
            continue
        done = machine.run(path, limit=1200)
        numbers = {word: int(count) for word, count in
                   re.findall(r"\[  (PASSED|FAILED|SKIPPED) +\] (\d+) test", done.stdout)}
        if done.returncode < 0 or "PASSED" not in numbers:
            check("%s %s" % (machine.name, program), "ended with %d\n%s%s" %
                  (done.returncode, done.stdout[-2000:], done.stderr[-2000:]))
            continue
        print("%s %s: %s" % (machine.name, program, numbers))
        Count.passed += numbers["PASSED"]
        Count.skipped += numbers.get("SKIPPED", 0)
        Count.failed += numbers.get("FAILED", 0)
        for line in sorted(set(re.findall(r"^\[  (?:FAILED|SKIPPED) *\] \w+\..*", done.stdout, re.M))):
            print("  " + line)
        for failure in re.findall(r"^\S+:\d+: Failure\n(?:.+\n)*", done.stdout, re.M)[:20]:
            print(failure)


def traced_values(path):
    """What the trace says attributes hold, and no more: addresses, times and handles differ."""
    with open(path, encoding="utf-8", errors="backslashreplace") as file:
        return [re.sub(r" *\(?[0-9.]+ ?[mu]?s\)?", "", line.split("viGetAttribute", 1)[1]).strip()
                for line in file if "< viGetAttribute" in line]


def smoke(machine, big):
    """(output, bytes on the wire, trace of attributes)"""
    with Server() as server, tempfile.NamedTemporaryFile() as trace:
        done = machine.run("smoke", server.port, big, FREEVISA_TRACE=trace.name)
        shown = done.stdout + done.stderr + ("" if done.returncode == 0 else "exit %d" % done.returncode)
        return shown, server.received(), traced_values(trace.name)


def compare(machine, reference, big):
    found = smoke(machine, big)
    for what, here, there in zip(("output", "wire bytes", "trace of attributes"), found, reference):
        different = "differs from amd64's\n%r\n%r" % (here, there) if here != there else None
        check("%s smoke client, %s" % (machine.name, what), different)


def headers(machine):
    """Every name, value and type of the headers by the machine's own compiler."""
    test = "/src/conformance/abi/header_test.py"
    for compiler, language, standard in (("gcc", "c", "c89"), ("g++", "c++", "c++20")):
        done = subprocess.run([sys.executable, test, "/src/include", "/src/conformance/spec",
                               GNU[machine.name] + "-" + compiler, language, standard],
                              capture_output=True, text=True, timeout=300, check=False)
        check("%s headers in %s" % (machine.name, standard), done.stderr if done.returncode else None)


def handlers(machine):
    wanted = ("returning: 1\nthrowing: 200 of 200, 200 calls\njumping: 200 of 200, 200 calls\n"
              "viClose: 0\n")
    with Server() as server:
        done = machine.run("handlers", server.port)
    check("%s handlers that leave by throw and longjmp" % machine.name,
          None if done.stdout == wanted else "exit %d\n%s%s" % (done.returncode, done.stdout, done.stderr))


def locks(holder, other):
    """`holder` holds the lock of a resource, `other` wants it."""
    name = "a lock of %s is respected by %s" % (holder.name, other.name)
    with Server() as server:
        held = subprocess.Popen(holder.command(os.path.join(holder.folder, "lock"), server.port, "hold"),
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                env=holder.environment())
        if held.stdout.readline() != "held\n":
            check(name, "the holder got no lock")
            return
        meanwhile = other.run("lock", server.port, "try").stdout.strip()
        held.communicate(timeout=60)
        afterwards = other.run("lock", server.port, "try").stdout.strip()
    fault = None
    if meanwhile != TIMED_OUT + " " + LOCKED:
        fault = "viLock and viWrite answered %s" % meanwhile
    elif afterwards != "00000000 00000000":
        fault = "afterwards they answered %s" % afterwards
    check(name, fault)


def main():
    names = sys.argv[1:]
    amd64 = Machine("amd64")
    os.makedirs("/run/lock/freevisa", exist_ok=True)
    # Lists of resources need no network here.
    for name in [*names, "amd64"]:
        os.makedirs("/build/%s/freevisa" % name, exist_ok=True)
        with open("/build/%s/freevisa/freevisa.toml" % name, "w", encoding="utf-8") as file:
            file.write("[settings]\nlan_discovery = false\n")
    if "i386" in names and not os.path.exists(LOADER_I386):
        os.symlink("/usr/i686-linux-gnu/lib/ld-linux.so.2", LOADER_I386)
    with tempfile.NamedTemporaryFile() as big:
        big.truncate(3 << 30)
        os.chmod(big.name, 0o644)
        reference = smoke(amd64, big.name)
        problem = None
        if "exit" in reference[0] or not reference[1] or len(reference[2]) < 8:
            problem = "%r" % (reference,)
        check("amd64 smoke client", problem)
        handlers(amd64)
        for name in names:
            machine = Machine(name)
            compare(machine, reference, big.name)
            handlers(machine)
            headers(machine)
            if name in ("armhf", "s390x", "i386"):
                unit_tests(machine)
    if "i386" in names:
        locks(Machine("i386"), amd64)
        locks(amd64, Machine("i386"))
    print("%d passed, %d failed, %d skipped" % (Count.passed, Count.failed, Count.skipped))
    sys.exit(1 if Count.failed else 0)


main()
