# SPDX-License-Identifier: MIT
"""client.py CONTROL LONG: the program of a bench whose instruments are on a GPIB bus with a USB adapter, by PyVISA and
libvisa. `run.py` starts it. Says "ok NAME" or "failed NAME" for each thing that was tried."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback

import pyvisa
from pyvisa import constants

CONTROL, LONG = sys.argv[1], sys.argv[2] == "long"
SRQ = constants.EventType.service_request
QUEUE = constants.EventMechanism.queue
AGILENT = os.environ["DONGLE"].startswith("82357")
XYPHRO = os.environ["DONGLE"] in ("xyphro", "gpibee")
manager = pyvisa.ResourceManager()
names = {}


def ask(**request):
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.connect(CONTROL)
        line.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(line.makefile().readline())
    if not answer["ok"]:
        raise RuntimeError(answer["error"])
    return answer


def state():
    return ask(op="state", instrument="dmm-dongle")["state"][0]


def fault(kind, **more):
    return ask(op="fault_on", instrument="dmm", kind=kind, **more)["fault"]


def no_faults():
    ask(op="fault_off")


def met(number):
    """Switches a fault off; one that nothing met tests nothing."""
    applied = [one["applied"] for one in ask(op="faults", instrument="dmm")["faults"] if one["fault"] == number]
    no_faults()
    expect({"times that it was met": applied}, {"times that it was met": [1]})


def opened(instrument="dmm", timeout=10000):
    resource = manager.open_resource(names[instrument])
    resource.timeout = timeout
    return resource


def expect(got, wanted):
    if got != wanted:
        raise AssertionError("%.200r instead of %.200r" % (got, wanted))


def refused(function, *codes):
    try:
        got = function()
    except pyvisa.VisaIOError as error:
        if error.error_code not in codes:
            raise
        return
    raise AssertionError("no error, but %.100r" % (got,))


TIMEOUT = constants.StatusCode.error_timeout
LOST = constants.StatusCode.error_connection_lost
IO = constants.StatusCode.error_io
PROTOCOL = {TIMEOUT, IO, constants.StatusCode.error_abort, constants.StatusCode.error_system_error,
            constants.StatusCode.error_invalid_setup, constants.StatusCode.error_no_listeners}


def good(resource, count=3):
    """Each question gets its own answer."""
    for number in range(count):
        expect(resource.query("*ESE %d;*ESE?" % (100 + number)).strip(), str(100 + number))


def queries():
    with opened() as dmm, opened("scope") as scope:
        good(dmm, 20)
        expect("Multimeter" in dmm.query("*IDN?"), True)
        expect("Oscilloscope" in scope.query("*IDN?"), True)
        good(scope, 5)


def transfers_of_a_query():
    with opened() as dmm:
        good(dmm, 4)
        begin = state()
        good(dmm, 10)
        end = state()
        counts = {key: (end[key] - begin[key]) / 10 for key in
                  ("bulk_out_transfers", "bulk_in_transfers", "control_requests", "reports", "stops")}
        print("   of a query: %s" % counts, flush=True)


def bytes_and_lengths():
    sizes = [1, 2, 14, 15, 16, 29, 30, 31, 449, 450, 451, 479, 480, 500, 511, 512, 513, 1023, 1024, 4095, 65534, 65535,
             65536, 65537, 70000]
    if LONG:
        sizes += list(range(3, 1200)) + list(range(1200, 70000, 611))
    with opened("pyvisa") as stored:
        stored.chunk_size = 1 << 18
        stored.read_termination = None
        for size in sizes:
            data = bytes(b for b in (number * 7 % 256 for number in range(size + size // 200 + 10)) if b != 10)[:size - 1]
            data += b"\n"  # which ends a line of this instrument
            stored.write_raw(b"RECEIVE\n")
            stored.write_raw(data)
            stored.write_raw(b"SEND\n")
            expect(stored.read_raw(), data)


def parts_of_an_answer():
    with opened("pyvisa") as stored:
        stored.read_termination = None
        data = bytes(b for b in range(256) if b != 10) + b"\n"
        stored.write_raw(b"RECEIVE\n")
        stored.write_raw(data)
        stored.write_raw(b"SEND\n")
        got = b""
        for size in (1, 2, 29, 30, 31, 200):
            with stored.ignore_warning(constants.StatusCode.success_max_count_read):
                got += stored.visalib.read(stored.session, size)[0]
        expect(got, data)


def termination_character():
    with opened("pyvisa") as stored:
        stored.write_raw(b"RECEIVE\n")
        stored.write_raw(b"one;two;three\n")
        stored.write_raw(b"SEND\n")
        stored.read_termination = ";"
        expect(stored.read(), "one")
        expect(stored.read(), "two")
        stored.read_termination = "\n"
        expect(stored.read(), "three")


def large_answer():
    with opened("scope") as scope:
        scope.chunk_size = 1 << 20
        scope.read_termination = None
        scope.write("WAV:POIN 300000;:CURV?")
        data = scope.read_raw()
        expect((len(data), data[:8]), (300009, b"#6300000"))


def timeouts():
    with opened() as dmm:
        for limit in (50, 150, 300):
            ask(op="fault_on", instrument="dmm", kind="late", ms=limit + 400, count=1)
            dmm.timeout = limit
            begun = time.monotonic()
            refused(lambda: dmm.query("*IDN?"), TIMEOUT)
            took = time.monotonic() - begun
            expect((limit - 10) / 1000 <= took < limit / 1000 + 2, True)
            dmm.timeout = 10000
            dmm.clear()
            good(dmm)
        for _ in range(3):
            dmm.timeout = 100
            refused(dmm.read, TIMEOUT)
            dmm.timeout = 10000
            good(dmm)


def nobody_there():
    with manager.open_resource(names["dmm"].rsplit("::", 2)[0] + "::23::INSTR") as nobody:
        nobody.timeout = 2000
        refused(lambda: nobody.write("x"), constants.StatusCode.error_no_listeners)
        nobody.timeout = 100
        refused(nobody.read, TIMEOUT)
    with opened() as dmm:
        good(dmm)


def stuck():
    with opened() as dmm:
        stuck_once = fault("gpib-stuck", count=1)
        dmm.timeout = 2000  # it has to come as far as the data
        refused(lambda: dmm.write("*IDN?"), TIMEOUT)
        met(stuck_once)
        dmm.timeout = 10000
        good(dmm)


def service_requests():
    three = ["dmm", "scope", "psu"]
    with opened("dmm") as dmm, opened("scope") as scope, opened("psu") as psu:
        sessions = dict(zip(three, (dmm, scope, psu)))
        for session in sessions.values():
            session.enable_event(SRQ, QUEUE)
            session.write("*CLS;*ESE 1;*SRE 32")
        for _ in range(10 if LONG else 3):
            for session in sessions.values():
                session.write("*OPC")
            for name, session in sessions.items():
                session.wait_on_event(SRQ, 10000)
                expect((name, session.read_stb() & 0x60), (name, 0x60))
                session.write("*CLS")
        for name in reversed(three):
            sessions[name].write("*OPC")
            sessions[name].wait_on_event(SRQ, 10000)
            expect(sessions[name].read_stb() & 0x60, 0x60)
            sessions[name].write("*CLS")
        refused(lambda: dmm.wait_on_event(SRQ, 100), TIMEOUT)
        for session in sessions.values():
            session.disable_event(SRQ, QUEUE)


def threads():
    failures = []

    def work(name):
        try:
            with opened(name) as resource:
                good(resource, 50 if LONG else 10)
        except Exception as error:
            failures.append((name, error))

    all_of_them = [threading.Thread(target=work, args=(name,)) for name in ("dmm", "scope", "psu")]
    for one in all_of_them:
        one.start()
    for one in all_of_them:
        one.join(120)
    expect(failures, [])


def clear_trigger_poll():
    with opened() as dmm:
        dmm.write("*IDN?")
        dmm.clear()
        expect(dmm.query("*OPC?").strip(), "1")
        dmm.assert_trigger()
        dmm.write("*OPC?")
        expect(dmm.read_stb() & 0x10, 0x10)
        expect(dmm.read().strip(), "1")


def interface():
    board = names["dmm"].split("::")[0] + "::INTFC"
    with manager.open_resource(board) as bus:
        bus.timeout = 5000
        expect(bus.is_controller_in_charge, True)
        expect(bus.send_ifc(), constants.StatusCode.success)
        expect(bus.control_ren(constants.RENLineOperation.asrt), constants.StatusCode.success)
        expect(bus.remote_enabled, constants.LineState.asserted)
        expect(bus.control_atn(constants.ATNLineOperation.asrt), constants.StatusCode.success)
        expect(bus.atn_state, constants.LineState.asserted)
        pad = int(names["dmm"].split("::")[1])
        expect(bus.send_command(bytes([0x3F, 0x40, 0x20 + pad]))[1], constants.StatusCode.success)
        expect(bus.control_atn(constants.ATNLineOperation.deassert), constants.StatusCode.success)
        expect(bus.ndac_state, constants.LineState.asserted)
        bus.write_raw(b"*OPC?\n")
        expect(bus.send_command(bytes([0x3F, 0x20, 0x40 + pad]))[1], constants.StatusCode.success)
        expect(bus.control_atn(constants.ATNLineOperation.deassert), constants.StatusCode.success)
        bus.read_termination = None
        expect(bus.read_raw().strip(), b"1")
        expect(bus.send_command(bytes([0x14] * 40))[1], constants.StatusCode.success)
    with opened() as dmm:
        good(dmm)


def identity(dmm):
    expect(dmm.query("*IDN?").split(",")[:2], ["FreeVISA", "Virtual Multimeter"])


def lines(dmm):
    expect(dmm.get_visa_attribute(constants.ResourceAttribute.gpib_ren_state), constants.LineState.asserted)


def after(kind, operation=identity, **more):
    """One fault in an operation, which has to meet it; whatever becomes of that, queries after it have their own answers."""
    def run():
        with opened(timeout=1500) as dmm:
            good(dmm, 1)
            number = fault(kind, count=1, **more)
            try:
                operation(dmm)
            except pyvisa.VisaIOError as error:
                if error.error_code not in PROTOCOL:
                    raise
            met(number)
            dmm.timeout = 10000
            good(dmm)
    return run


def unplugged():
    dmm = opened(timeout=20000)
    good(dmm, 1)
    threading.Timer(0.3, lambda: ask(op="unplug", instrument="dmm-dongle")).start()
    refused(dmm.read, LOST)
    refused(lambda: dmm.query("*IDN?"), LOST)
    dmm.close()
    ask(op="plug", instrument="dmm-dongle")
    end = time.monotonic() + 30
    while True:
        try:
            with opened() as again:
                good(again)
            return
        except pyvisa.VisaIOError:
            if time.monotonic() > end:
                raise


def killed():
    """A program is killed in the middle; the next one has its own answers."""
    for what in ("read_raw()", "query('*IDN?')"):
        child = subprocess.Popen([sys.executable, "-W", "ignore", "-c",
                                  "import pyvisa\nr=pyvisa.ResourceManager().open_resource(%r)\nr.timeout=20000\n"
                                  "r.query('*IDN?')\nprint('ready',flush=True)\nwhile True: r.%s" % (names["dmm"], what)],
                                 stdout=subprocess.PIPE)
        expect(child.stdout.readline(), b"ready\n")
        child.send_signal(signal.SIGKILL)
        child.wait(20)
        child.stdout.close()
        with opened() as dmm:
            dmm.clear()
            good(dmm)


def busy():
    """While this program has the adapter another one is refused."""
    with opened() as dmm:
        good(dmm, 1)
        said = subprocess.run([sys.executable, "-W", "ignore", "-c",
                               "import pyvisa\ntry: pyvisa.ResourceManager().open_resource(%r)\n"
                               "except pyvisa.VisaIOError as e: print(e.error_code.name)" % names["dmm"]],
                              capture_output=True, text=True, timeout=60, check=False).stdout
        expect(said.strip(), "error_resource_busy")
        good(dmm)


def violations():
    expect(state()["violations"], 0)


FAULTS = [("dongle-split", {"pieces": 3}), ("dongle-late", {"ms": 100}), ("dongle-lost", {"procedure": "dongle_read"}),
          ("dongle-stale", {}), ("dongle-garbage", {}), ("dongle-halt", {}),
          ("dongle-silence", {"procedure": "dongle_command"}), ("dongle-silence", {"procedure": "dongle_write"})]
# In Agilent's and Xyphro's data nothing tells a wrong part from a right one.
NI_FAULTS = [("dongle-lost", {"procedure": "dongle_lines"}), ("dongle-lost", {"procedure": "dongle_write"}),
             ("dongle-lost", {"procedure": "dongle_command"}),
             ("dongle-lost", {"operation": lines, "procedure": "dongle_registers"}),
             ("dongle-error", {"procedure": "dongle_command", "error": 3}), ("dongle-refuse", {}), ("dongle-long", {}),
             ("dongle-error", {"procedure": "dongle_read", "error": 1}), ("dongle-short", {"procedure": "dongle_read"}),
             ("dongle-stale", {"procedure": "dongle_read"}),
             ("dongle-split", {"pieces": 2, "ms": 20, "procedure": "dongle_read"})]
AGILENT_FAULTS = [("dongle-report-lost", {"procedure": "dongle_complete"}),
                  ("dongle-report-late", {"procedure": "dongle_complete", "ms": 50}),
                  ("dongle-report-extra", {"procedure": "dongle_complete", "error": 2}),
                  ("dongle-report-extra", {"procedure": "dongle_complete", "error": 1}),
                  ("dongle-silence", {"procedure": "dongle_status"}), ("dongle-refuse", {}), ("dongle-long", {}),
                  ("dongle-lost", {"procedure": "dongle_registers"}),
                  ("dongle-error", {"procedure": "dongle_read", "error": 64})]
OF_FAMILY = AGILENT_FAULTS if AGILENT else [] if XYPHRO else NI_FAULTS


def tried(name, function):
    begun = time.monotonic()
    try:
        function()
        print("ok %s (%.2f s)" % (name, time.monotonic() - begun), flush=True)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)
        lines = " < ".join("%s:%d" % (one.name, one.lineno) for one in reversed(where) if one.filename == __file__)
        print("failed %s: %r at %s" % (name, error, lines), flush=True)
        no_faults()


def main():
    for one in ask(op="instruments")["instruments"]:
        if one["instrument"].endswith("-dongle"):
            names[one["instrument"][:-7]] = one["resource"]
    for function in (queries, transfers_of_a_query, bytes_and_lengths, parts_of_an_answer, termination_character, large_answer,
                     clear_trigger_poll, service_requests, threads, interface, timeouts, nobody_there, stuck, busy, violations):
        tried(function.__name__.replace("_", " "), function)
    for kind, more in FAULTS + OF_FAMILY:
        shown = " ".join("%s=%s" % (key, getattr(value, "__name__", value)) for key, value in more.items())
        tried("after %s %s" % (kind, shown), after(kind, **more))
    tried("killed", killed)
    tried("unplugged in a read", unplugged)


main()
