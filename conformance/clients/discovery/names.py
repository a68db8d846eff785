# SPDX-License-Identifier: MIT
"""names.py LIBRARY

A program whose name server is dead. It tries one name of that server again and again, then more names
than the library looks up at the same time, and then names that need no server. Prints a line of JSON for
each name once: status, seconds, and what viStatusDesc says.
"""
import ctypes
import json
import sys
import time


def main():
    visa = ctypes.CDLL(sys.argv[1])
    manager = ctypes.c_uint32()
    visa.viOpenDefaultRM(ctypes.byref(manager))
    told = set()

    def try_to_open(name, timeout):
        session = ctypes.c_uint32()
        start = time.monotonic()
        status = visa.viOpen(manager, ("TCPIP::%s::5025::SOCKET" % name).encode(), 0, timeout,
                             ctypes.byref(session))
        seconds = time.monotonic() - start
        text = ctypes.create_string_buffer(256)
        visa.viStatusDesc(session if status >= 0 else manager, status, text)
        if name not in told:
            told.add(name)
            print(json.dumps({"name": name, "status": status & 0xFFFFFFFF, "seconds": seconds,
                              "detail": text.value.decode()}))

    for _ in range(12):
        try_to_open("dead0.lab", 50)
    for i in range(1, 8):
        try_to_open("dead%d.lab" % i, 50)
    try_to_open("late.lab", 100)
    for name in ("10.84.0.2", "scope.lab", "METER", "localhost"):
        try_to_open(name, 5000)


main()
