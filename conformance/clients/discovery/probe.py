# SPDX-License-Identifier: MIT
"""probe.py LIBRARY EXPRESSION...

A program like any other: finds each EXPRESSION in turn and prints a line of JSON for each: names,
seconds, and what the process has open before and after (descriptors, threads).
"""
import ctypes
import json
import os
import sys
import time


def owned():
    return [len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))]


def find(visa, manager, expression):
    listing, count = ctypes.c_uint32(), ctypes.c_uint32()
    name = ctypes.create_string_buffer(256)
    status = visa.viFindRsrc(manager, expression.encode(), ctypes.byref(listing), ctypes.byref(count), name)
    names = [name.value.decode()] if status >= 0 else []
    while len(names) < count.value and visa.viFindNext(listing, name) >= 0:
        names.append(name.value.decode())
    if listing.value:
        visa.viClose(listing)
    return names


def main():
    visa = ctypes.CDLL(sys.argv[1])
    manager = ctypes.c_uint32()
    visa.viOpenDefaultRM(ctypes.byref(manager))
    for expression in sys.argv[2:]:
        before = owned()
        start = time.monotonic()
        names = find(visa, manager, expression)
        taken = time.monotonic() - start
        print(json.dumps({"names": names, "seconds": taken, "before": before, "after": owned()}))


main()
