# SPDX-License-Identifier: MIT
"""remaining_calls.py LIBRARY NAME

Every call of VXI-11 that PyVISA's tests leave out: trigger, remote, local, status byte, and reads that
viTerminate aborts at the instrument. A query must have its own answer behind them. Prints "done".
"""
import ctypes
import sys

VI_EVENT_IO_COMPLETION, VI_QUEUE, VI_ATTR_STATUS = 0x3FFF2009, 1, 0x3FFF4025
ASSERT_ADDRESS, ADDRESS_GTL = 3, 6
VI_ERROR_TMO, VI_ERROR_ABORT = -1073807339, -1073807312


def must(status, what):
    if status < 0:
        sys.exit("%s: %#x" % (what, status & 0xFFFFFFFF))


def aborted_read(visa, session):
    """viTerminate once the read has had time to be at the instrument."""
    buffer, job, context = ctypes.create_string_buffer(100), ctypes.c_uint32(), ctypes.c_uint32()
    must(visa.viReadAsync(session, buffer, 100, ctypes.byref(job)), "viReadAsync")
    waited = visa.viWaitOnEvent(session, VI_EVENT_IO_COMPLETION, 100, None, ctypes.byref(context))
    if waited != VI_ERROR_TMO:
        sys.exit("a read without an answer has ended: %#x" % (waited & 0xFFFFFFFF))
    must(visa.viTerminate(session, 0, job), "viTerminate")
    must(visa.viWaitOnEvent(session, VI_EVENT_IO_COMPLETION, 5000, None, ctypes.byref(context)), "completion")
    status = ctypes.c_int32()
    must(visa.viGetAttribute(context, VI_ATTR_STATUS, ctypes.byref(status)), "VI_ATTR_STATUS")
    visa.viClose(context)
    if status.value != VI_ERROR_ABORT:
        sys.exit("the read ended with %#x" % (status.value & 0xFFFFFFFF))


def main():
    visa = ctypes.CDLL(sys.argv[1])
    manager, session = ctypes.c_uint32(), ctypes.c_uint32()
    must(visa.viOpenDefaultRM(ctypes.byref(manager)), "viOpenDefaultRM")
    must(visa.viOpen(manager, sys.argv[2].encode(), 0, 5000, ctypes.byref(session)), "viOpen")
    must(visa.viAssertTrigger(session, 0), "viAssertTrigger")
    must(visa.viGpibControlREN(session, ASSERT_ADDRESS), "remote")
    must(visa.viGpibControlREN(session, ADDRESS_GTL), "local")
    must(visa.viReadSTB(session, ctypes.byref(ctypes.c_uint16())), "viReadSTB")
    must(visa.viEnableEvent(session, VI_EVENT_IO_COMPLETION, VI_QUEUE, 0), "viEnableEvent")
    visa.viSetAttribute.argtypes = [ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint64]
    must(visa.viSetAttribute(session, 0x3FFF001A, 20000), "VI_ATTR_TMO_VALUE")
    for _ in range(3):  # one of them is at the instrument, however busy this computer is
        aborted_read(visa, session)
    answer, count = ctypes.create_string_buffer(100), ctypes.c_uint32()
    must(visa.viWrite(session, b"*IDN?\n", 6, ctypes.byref(count)), "viWrite")
    must(visa.viRead(session, answer, 99, ctypes.byref(count)), "viRead")
    if b"Virtual Multimeter" not in answer.raw:
        sys.exit("not the answer to *IDN?: %r" % answer.value)
    visa.viClose(manager)
    print("done")


main()
