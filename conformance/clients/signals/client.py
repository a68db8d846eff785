# SPDX-License-Identifier: MIT
"""client.py LIBVISA ALIAS...: reads that signals interrupt; FREEVISA_CONFIG is the bench's. One line for each thing tried."""
import ctypes
import os
import signal
import sys
import tempfile
import time

VI_ERROR_ABORT, VI_ERROR_TMO = -1073807312, -1073807339
TMO_VALUE, TERMCHAR_EN = 0x3FFF001A, 0x3FFF0038
LONG = 20.0  # seconds that no read of these may take

visa = ctypes.CDLL(sys.argv[1])
visa.viSetAttribute.argtypes = (ctypes.c_uint32, ctypes.c_uint32, ctypes.c_size_t)


def report(good, text):
    print("%s: %s" % ("PASS" if good else "FAIL", text), flush=True)


def read(session):
    answer, count = ctypes.create_string_buffer(1000), ctypes.c_uint32()
    status = visa.viRead(session, answer, 1000, ctypes.byref(count))
    return status, answer.raw[:count.value]


def interrupted(session, timeout):
    """A read without an answer during which SIGALRM comes every 50 ms; its status and seconds."""
    visa.viSetAttribute(session, TMO_VALUE, int(timeout * 1000))
    begin = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    status, _ = read(session)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return status, time.monotonic() - begin


def query(session, message):
    visa.viSetAttribute(session, TMO_VALUE, 5000)
    status = visa.viWrite(session, message, len(message), None)
    return read(session) if status >= 0 else (status, b"")


def open_manager(ends):
    """A manager with that setting."""
    with open(BENCH, encoding="utf-8") as file:
        text = file.read()
    path = os.path.join(FOLDER, "freevisa.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("%s\n[settings]\nabort_on_signal = %s\n" % (text, "true" if ends else "false"))
    # The library reads the environment of C, which os.environ changes, too.
    os.environ["FREEVISA_CONFIG"] = path
    manager = ctypes.c_uint32()
    report(visa.viOpenDefaultRM(ctypes.byref(manager)) == 0, "the configuration is read (abort_on_signal = %s)" % ends)
    return manager


def try_wire(manager, alias, ends):
    session = ctypes.c_uint32()
    status = visa.viOpen(manager, alias.encode(), 0, 5000, ctypes.byref(session))
    if status < 0:
        report(False, "%s is opened: %d" % (alias, status))
        return
    visa.viSetAttribute(session, TERMCHAR_EN, 1)
    for _ in range(3):
        if ends:
            status, took = interrupted(session, LONG)
            report(status == VI_ERROR_ABORT and took < LONG / 2, "%s: a signal ends a read (%d, %.2f s)" % (alias, status, took))
        else:
            status, took = interrupted(session, 0.4)
            report(status == VI_ERROR_TMO and took > 0.39, "%s: signals do not end a read (%d, %.2f s)" % (alias, status, took))
        status, answer = query(session, b"*IDN?\n")
        report(status >= 0 and b"Multimeter" in answer, "%s: the next query has its answer (%d %s)" % (alias, status, answer[:40]))
    visa.viClose(session)


BENCH = os.environ["FREEVISA_CONFIG"]
FOLDER = tempfile.mkdtemp()
signal.signal(signal.SIGALRM, lambda number, frame: None)
for ends in (True, False):
    manager = open_manager(ends)
    for alias in sys.argv[2:]:
        try_wire(manager, alias, ends)
    visa.viClose(manager)
print("end of the client")
