# SPDX-License-Identifier: MIT
"""client.py ALIAS...: PyVISA with the backend "@freevisa" on those resources of a bench. One line for each thing tried."""
import os
import signal
import subprocess
import sys
import threading
import time

import freevisa
import pyvisa
from pyvisa_freevisa import large_reads

LONG = 30000  # ms that no read of these may take
# Sends SIGINT to its parent every 20 ms after a first while; a process, so that it does not wait for the interpreter.
SENDER = "import os, signal, sys, time\ntime.sleep(float(sys.argv[1]))\nwhile True:\n os.kill(int(sys.argv[2]), signal.SIGINT)\n time.sleep(5)"


def report(good, text):
    print("%s: %s" % ("PASS" if good else "FAIL", text), flush=True)


def after_ctrl_c(call, delay):
    """Runs `call`, presses Ctrl-C once after `delay`; what was raised, and the seconds it took from then on."""
    sender = subprocess.Popen([sys.executable, "-S", "-c", SENDER, str(delay), str(os.getpid())])
    begin = time.monotonic()
    try:
        call()
        raised = None
    except BaseException as error:  # KeyboardInterrupt is what is wanted
        raised = error
    took = time.monotonic() - begin - delay
    sender.kill()
    sender.wait()
    return raised, took


def try_ctrl_c(resource, alias):
    for delay in (0.0, 0.3):  # with 0 it may come before the read waits
        raised, took = after_ctrl_c(resource.read, delay)
        report(isinstance(raised, KeyboardInterrupt) and took < LONG / 3000,
               "%s: Ctrl-C ends a read (%s after %.2f s)" % (alias, type(raised).__name__, took))
        answer = resource.query("*IDN?")
        report("Multimeter" in answer, "%s: the next query has its answer (%s)" % (alias, answer[:40]))
    raised, took = after_ctrl_c(lambda: resource.visalib.lib.viLock(other.session, 1, LONG, None, None), 0.2)
    report(isinstance(raised, KeyboardInterrupt) and took < LONG / 3000, "%s: Ctrl-C ends a wait for a lock (%.2f s)" % (alias, took))


def try_other_handlers(resource, alias):
    """A handler of the program's own is called, and the read goes on to its end."""
    called = []
    signal.signal(signal.SIGINT, lambda number, frame: called.append(number))
    resource.timeout = 700
    raised, _ = after_ctrl_c(resource.read, 0.2)
    code = getattr(raised, "error_code", None)
    report(called and code == pyvisa.constants.StatusCode.error_timeout, "%s: a handler of one's own ends no read" % alias)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    resource.timeout = LONG


def try_threads(resource, alias):
    """A read of another thread is not ended by Ctrl-C."""
    resource.timeout = 1500
    codes = []

    def read():
        try:
            resource.read()
        except pyvisa.VisaIOError as error:
            codes.append(error.error_code)

    thread = threading.Thread(target=read)
    thread.start()
    after_ctrl_c(lambda: time.sleep(20), 0.2)
    thread.join()
    report(codes == [pyvisa.constants.StatusCode.error_timeout], "%s: a read of another thread goes on (%s)" % (alias, codes))
    resource.timeout = LONG


def try_wakeup_descriptor(resource, alias):
    """The descriptor that others use, asyncio for one, is theirs again, and hears of the signals."""
    read_end, write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(write_end)
    after_ctrl_c(resource.read, 0.2)
    mine = signal.set_wakeup_fd(-1)
    end = time.monotonic() + 5
    heard = b""
    while not heard and time.monotonic() < end:
        try:
            heard = os.read(read_end, 10)
        except BlockingIOError:
            time.sleep(0.01)
    report(mine == write_end and signal.SIGINT in heard, "%s: the wake-up descriptor of others is kept" % alias)


def try_memory():
    array = large_reads._Array(b"abc", 5)
    array.grow(1000000)
    memory = array.piece(3, 5)
    memory[:] = b"defgh"
    del memory
    answer = array.take(8)
    answer.extend(b"ij")  # as PyVISA's callers do
    report(isinstance(answer, bytearray) and answer == b"abcdefghij", "memory for an answer grows and is cut to its length")


def try_large_reads(alias):
    lines = {} if "-" in alias else {"read_termination": "\n"}  # a raw socket has no other end
    ours, theirs = (backend.open_resource(alias, **lines) for backend in (manager, ctypes_backend))
    for scope in (ours, theirs):
        scope.timeout = LONG
    ours.write("WAV:POIN 1000000;FORM BYTE")
    waveforms = [scope.query_binary_values("WAV:DATA?", datatype="B", container=container)
                 for scope in (ours, theirs) for container in (bytes, list)]
    report(len(waveforms[0]) == 1000000 and all(bytes(one) == waveforms[0] for one in waveforms),
           "%s: a waveform of 1 MB is the same as by PyVISA's backend" % alias)
    if not lines:
        theirs.write("WAV:DATA?")
        whole = theirs.read_raw()
        ours.write("WAV:DATA?")
        parts = ours.read_bytes(10) + ours.read_bytes(500000) + ours.read_raw()
        report(parts == whole, "%s: read_bytes and read_raw follow each other (%d, %d)" % (alias, len(parts), len(whole)))
    ours.chunk_size = 4096
    report(ours.query_binary_values("WAV:DATA?", datatype="B", container=bytes) == waveforms[0],
           "%s: a chunk size of one's own counts" % alias)
    ours.close()
    theirs.close()


manager = pyvisa.ResourceManager("@freevisa")
ctypes_backend = pyvisa.ResourceManager(freevisa.library_path())
report(os.path.realpath(str(manager.visalib.library_path)) == os.path.realpath(freevisa.library_path()),
       "@freevisa is the library of the package")
for alias in sys.argv[1:]:
    with manager.open_resource(alias, read_termination="\n") as resource, manager.open_resource(alias) as other:
        report(isinstance(resource, pyvisa.resources.MessageBasedResource), "%s is opened" % alias)
        resource.timeout = LONG
        resource.lock_excl()
        try_ctrl_c(resource, alias)
        resource.unlock()
        if alias == sys.argv[1]:
            try_other_handlers(resource, alias)
            try_threads(resource, alias)
            try_wakeup_descriptor(resource, alias)
try_memory()
if "dmm" in sys.argv[1:]:
    for alias in ("scope", "scope-vxi11", "scope-hislip"):
        try_large_reads(alias)
print("end of the client")
