# SPDX-License-Identifier: MIT
"""Python programs that end while one of their event handlers runs.

Python ends the threads it does not know, ours among them, by forced unwinding when they want the
interpreter back after its end. That passes through libvisa and must not abort the process. The
handler is a ctypes callback given to viInstallHandler, as PyVISA does it; the event is the
completion of a viWriteAsync to a server in the same process, or the exception of a viRead.

What no library can prevent, and is not asked here: a handler that is called for the first time when
the interpreter is already gone. ctypes then asks for the interpreter lock of an interpreter that is
no more, and CPython itself dies of it (PyGILState_Ensure). Hence the handler of the exception stays
inside, as those of "busy" and "sleeping" do.

    run.py LIBVISA [ROUNDS]
"""

import subprocess
import sys

PROGRAM = r"""
import ctypes, socket, sys, threading, time

visa = ctypes.CDLL(sys.argv[1])
way = sys.argv[2]
IO_COMPLETION, EXCEPTION, HNDLR = 0x3FFF2009, 0xBFFF200E, 2
HANDLER = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32,
                           ctypes.c_void_p)

def check(status):
    if status < 0:
        print("status", hex(status & 0xFFFFFFFF), file=sys.stderr)
        sys.exit(3)

server = socket.create_server(("127.0.0.1", 0))
rm, vi = ctypes.c_uint32(), ctypes.c_uint32()
check(visa.viOpenDefaultRM(ctypes.byref(rm)))
name = "TCPIP0::127.0.0.1::%d::SOCKET" % server.getsockname()[1]
check(visa.viOpen(rm, name.encode(), 0, 2000, ctypes.byref(vi)))

inside = threading.Event()

def handle(session, kind, context, user):
    inside.set()
    while way == "busy":  # gives the interpreter up and wants it back, until it is gone
        pass
    while way in ("sleeping", "exception"):
        time.sleep(0.0005)
    return 0

callback = HANDLER(handle)
kind = EXCEPTION if way == "exception" else IO_COMPLETION
check(visa.viInstallHandler(vi, kind, callback, None))
check(visa.viEnableEvent(vi, kind, HNDLR, 0))

def write():
    check(visa.viWriteAsync(vi, b"x", 1, None))

if way == "exception":
    visa.viSetAttribute(vi, 0x3FFF001A, ctypes.c_uint64(10))
    def fail():  # a daemon thread, inside viRead and its handler
        visa.viRead(vi, ctypes.create_string_buffer(8), 8, None)
    threading.Thread(target=fail, daemon=True).start()
elif way == "stream":
    def many():  # completions come while the interpreter ends
        while True:
            write()
            time.sleep(0.0002)
    threading.Thread(target=many, daemon=True).start()
else:
    write()
inside.wait(20)
if not inside.is_set():
    print("the handler was not called", file=sys.stderr)
    sys.exit(4)
sys.exit(0)  # neither disables nor closes anything
"""


def main():
    library = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    failed = 0
    for way in ("busy", "sleeping", "stream", "exception"):
        for number in range(rounds):
            try:
                done = subprocess.run([sys.executable, "-c", PROGRAM, library, way],
                                      capture_output=True, timeout=60, text=True)
                outcome = done.returncode
                text = done.stderr
            except subprocess.TimeoutExpired:
                outcome, text = "hung", ""
            if outcome != 0:
                failed += 1
                print(f"{way}, round {number}: {outcome} {text[-500:]}")
        print(f"{way}: {rounds} rounds")
    print("failed:", failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
