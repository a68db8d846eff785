# SPDX-License-Identifier: MIT
"""Runs in the virtual machine: dongle_client.py LIBRARY. GPIB adapters at a real xHCI by libvisa: GPIB3 is a GPIB-USB-HS, GPIB4
an 82357B that gets its firmware first, twice."""
import signal
import subprocess
import sys
import threading
import time
import traceback

import pyvisa
from pyvisa import constants

LIBRARY = sys.argv[1]
manager = pyvisa.ResourceManager(LIBRARY)


def opened(board, timeout=20000):
    resource = manager.open_resource("GPIB%d::1::INSTR" % board)
    resource.timeout = timeout
    return resource


def expect(got, wanted):
    if got != wanted:
        raise AssertionError("%.100r instead of %.100r" % (got, wanted))


def tried(name, function, *arguments):
    try:
        function(*arguments)
        print("ok " + name, flush=True)
    except Exception as error:
        lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == __file__]
        print("failed %s: %r at lines %s" % (name, error, lines), flush=True)


def good(resource, count=20):
    for number in range(count):
        expect(resource.query("*ESE %d;*ESE?" % number).strip(), str(number))


def queries(board):
    with opened(board) as resource:
        expect(resource.query("*IDN?").strip(), "A,gpib,1,1")
        good(resource, 50)


def timeout(board):
    with opened(board) as resource:
        for _ in range(3):
            resource.timeout = 300
            try:
                resource.read()
                raise AssertionError("an answer without a question")
            except pyvisa.VisaIOError as error:
                expect(error.error_code, constants.StatusCode.error_timeout)
            resource.timeout = 20000
            good(resource, 3)


def service_request(board):
    event = constants.EventType.service_request
    with opened(board) as resource:
        resource.enable_event(event, constants.EventMechanism.queue)
        for _ in range(3):
            resource.write("*CLS;*ESE 1;*SRE 32;*OPC")
            resource.wait_on_event(event, 20000)
            expect(resource.read_stb() & 0x40, 0x40)
        resource.disable_event(event, constants.EventMechanism.queue)


def threads(board):
    failures = []

    def work():
        try:
            with opened(board) as resource:
                for _ in range(20):
                    with resource.lock_context(60000):  # it is one instrument: a question takes back the answer before
                        expect(resource.query("*IDN?").strip(), "A,gpib,1,1")
        except Exception as error:
            failures.append(error)

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(120)
    expect(failures, [])


def killed(board):
    """In the middle of a read; the next program has its own answers."""
    program = ("import pyvisa\nr=pyvisa.ResourceManager(%r).open_resource('GPIB%d::1::INSTR')\nr.timeout=60000\n"
               "r.query('*IDN?')\nprint('ready',flush=True)\nr.read()\n" % (LIBRARY, board))
    child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", program], stdout=subprocess.PIPE)
    expect(child.stdout.readline(), b"ready\n")
    time.sleep(0.5)  # into its read; earlier is as good
    child.send_signal(signal.SIGKILL)
    child.wait(20)
    with opened(board) as resource:
        resource.clear()
        good(resource, 3)


for number, adapter in ((3, "GPIB-USB-HS"), (4, "82357B")):
    for function in (queries, timeout, service_request, threads, killed):
        tried("libvisa and %s over xHCI: %s" % (adapter, function.__name__.replace("_", " ")), function, number)
