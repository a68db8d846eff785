# SPDX-License-Identifier: MIT
"""Runs in the virtual machine: gpib_client.py LIBRARY. The kernel board of gpib_board.cpp by libvisa: what only a real
device node shows, such as the thread that has the board's mutex, signals, and processes that die."""
import signal
import subprocess
import sys
import time

import pyvisa
from pyvisa import constants

LIBRARY = sys.argv[1]
manager = pyvisa.ResourceManager(LIBRARY)


def opened(address=5, timeout=10000):
    resource = manager.open_resource("GPIB0::%d::INSTR" % address)
    resource.timeout = timeout
    resource.read_termination = resource.write_termination = ""
    return resource


def expect(got, wanted):
    if got != wanted:
        raise AssertionError("%.100r instead of %.100r" % (got, wanted))


def tried(name, function):
    try:
        function()
        print("ok " + name, flush=True)
    except Exception as error:
        print("failed %s: %r" % (name, error), flush=True)


def queries(address=5, count=30):
    with opened(address) as resource:
        for number in range(count):
            expect(resource.query("%d of %d" % (number, address)), "%d of %d" % (number, address))


def large():
    with opened() as resource:
        resource.chunk_size = 1 << 20
        data = bytes(number * 7 % 256 for number in range(70000))
        resource.write_raw(data)
        expect(resource.read_raw(), data)


def timeout():
    with opened(timeout=300) as resource:
        begun = time.monotonic()
        try:
            resource.read_raw()
        except pyvisa.VisaIOError as error:
            expect(error.error_code, constants.StatusCode.error_timeout)
        expect(0.25 < time.monotonic() - begun < 3, True)
        expect(resource.query("after"), "after")


def signals():
    """Signals of the program interrupt no transfer, and its handler runs."""
    seen = []
    before = signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    with opened(7) as resource:
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        try:
            expect(resource.query("x"), "slow\n")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
    expect(bool(seen), True)


def child(code):
    return subprocess.Popen([sys.executable, "-W", "ignore", __file__, LIBRARY, code])


def reader(timeout):
    """A process in a read that nothing answers."""
    one = subprocess.Popen([sys.executable, "-W", "ignore", __file__, LIBRARY,
                            "one = opened(6, %d); print(flush=True); one.read_raw()" % timeout],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    one.stdout.readline()
    time.sleep(1)  # nothing outside of it shows that it has the board
    return one


def turns():
    children = [child("queries(%d, 30)" % address) for address in (5, 6)]
    expect([one.wait(60) for one in children], [0, 0])


def killed():
    """A process that has the board dies; the kernel gives the board back."""
    one = reader(60000)
    one.send_signal(signal.SIGKILL)
    one.wait(20)
    queries(count=2)


def held():
    """While another process has the board, a call ends at its timeout."""
    one = reader(60000)
    with opened(timeout=300) as resource:
        begun = time.monotonic()
        try:
            resource.query("x")
            raise AssertionError("the board was free")
        except pyvisa.VisaIOError as error:
            expect(error.error_code, constants.StatusCode.error_timeout)
        expect(time.monotonic() - begun < 3, True)
    one.send_signal(signal.SIGKILL)
    one.wait(20)
    queries(count=2)


def service():
    with opened() as resource:
        resource.enable_event(constants.EventType.service_request, constants.EventMechanism.queue)
        expect(resource.query("SRQ"), "SRQ")
        resource.wait_on_event(constants.EventType.service_request, 10000)
        expect(resource.read_stb(), 0x50)


if len(sys.argv) > 2:
    exec(sys.argv[2])  # of a child of this program
    sys.exit(0)
tried("GPIB board: queries", queries)
tried("GPIB board: 70,000 bytes both ways", large)
tried("GPIB board: a timeout, and the next query", timeout)
tried("GPIB board: signals of the program", signals)
tried("GPIB board: two processes take turns", turns)
tried("GPIB board: a process that has the board dies", killed)
tried("GPIB board: another process has the board", held)
tried("GPIB board: a service request", service)
