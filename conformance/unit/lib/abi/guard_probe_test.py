#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""guard_probe_test.py PROBE MODE: Python exits while a handler of its runs below our guard.

At exit Python ends every other thread that asks for the interpreter by forced unwinding; our frames are on
that thread's stack. Events come in a later issue, so the handler is a ctypes callback that the probe library
runs where handlers will run: `body`, `hook`, `thread`. None of 30 runs may end in anything but exit status 0
with nothing on the standard error. `noexcept` is the proof that the test can fail: it must abort.
"""
import ctypes
import resource
import subprocess
import sys
import threading

RUNS = 30


def run_once(path, mode):
    """In a process of its own: the main thread leaves while the other is inside the callback."""
    probe = ctypes.CDLL(path)
    handle = probe.probe_open()
    inside = threading.Event()

    def handler():
        inside.set()
        while True:  # takes and gives the interpreter lock, until asking for it ends the thread
            threading.get_ident()
            pass_on.wait(0)

    pass_on = threading.Event()
    callback = ctypes.CFUNCTYPE(None)(handler)
    call = getattr(probe, "probe_" + mode)
    threading.Thread(target=call, args=(ctypes.c_uint32(handle), callback), daemon=True).start()
    if not inside.wait(30):
        sys.exit("the handler was not called")


def main():
    path, mode = sys.argv[1:3]
    if len(sys.argv) > 3:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        run_once(path, mode)
        return 0
    bad = []
    for number in range(RUNS):
        done = subprocess.run([sys.executable, __file__, path, mode, "once"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        if done.returncode != 0 or done.stderr:
            bad.append((number, done.returncode, done.stderr.decode(errors="replace").strip()))
    print(f"{mode}: {len(bad)} of {RUNS} runs did not end well")
    for one in bad[:3]:
        print(one)
    if mode == "noexcept":
        return 0 if any(code == -6 for _, code, _ in bad) else 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
