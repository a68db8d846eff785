# SPDX-License-Identifier: MIT
"""board.py LIBRARY ADAPTER

Each operation, attribute and event of the board GPIB0::INTFC, and what it is over this adapter: done, a state, or the status that
says that the adapter cannot. None may take longer than its time, and after each the instrument GPIB0::2::INSTR answers. Ends with
`N passed, N failed`.
"""
import ctypes
import sys
import time

TMO_VALUE, QUEUE, MOST = 0x3FFF001A, 1, 10.0
STATUSES = {0: "done", 0xBFFF0067: "NSUP_OPER", 0xBFFF0046: "NSUP_MODE", 0xBFFF0091: "INV_MODE", 0xBFFF001D: "NSUP_ATTR",
            0xBFFF001E: "NSUP_ATTR_STATE", 0xBFFF0026: "INV_EVENT", 0xBFFF0015: "TMO", 0xBFFF0060: "NCIC", 0xBFFF005F: "NLISTENERS",
            0xBFFF003E: "IO", 0xBFFF002D: "NSUP_MECH", 0xBFFF001F: "ATTR_READONLY", 0xBFFF0078: "INV_PARAMETER"}

visa = ctypes.CDLL(sys.argv[1])
ADAPTER = sys.argv[2]
manager, board, meter = ctypes.c_uint32(), ctypes.c_uint32(), ctypes.c_uint32()
count = ctypes.c_uint32()
room = ctypes.create_string_buffer(1000)


def named(status):
    return STATUSES.get(status & 0xFFFFFFFF, "0x%08X" % (status & 0xFFFFFFFF))


def command(octets):
    return lambda: named(visa.viGpibCommand(board, octets, len(octets), ctypes.byref(count)))


def attribute(number, kind):
    def ask():
        value = kind()
        status = visa.viGetAttribute(board, number, ctypes.byref(value))
        return value.value if status == 0 else named(status)
    return ask


def setting(number, value):
    return lambda: named(visa.viSetAttribute(board, number, ctypes.c_ulong(value)))


def event(number):
    def enable():
        status = visa.viEnableEvent(board, ctypes.c_uint32(number), QUEUE, 0)
        if status == 0:
            visa.viDisableEvent(board, ctypes.c_uint32(number), QUEUE)
        return named(status)
    return enable


def raw_query():
    """The program does the addressing."""
    steps = (lambda: visa.viGpibCommand(board, b"\x40\x3f\x22", 3, ctypes.byref(count)),
             lambda: visa.viWrite(board, b"*IDN?", 5, ctypes.byref(count)),
             lambda: visa.viGpibCommand(board, b"\x3f\x20\x42", 3, ctypes.byref(count)),
             lambda: visa.viRead(board, room, len(room), ctypes.byref(count)))
    for step in steps:
        status = step()
        if status != 0:
            return named(status)
    return "done" if room.raw[:count.value] == b"FreeVISA,meter,2,1.0\n" else "wrong"


def operation(name, *arguments):
    return lambda: named(getattr(visa, name)(board, *arguments))



U8, I16, U16 = ctypes.c_uint8, ctypes.c_int16, ctypes.c_uint16
# In this order: what is asked, and what it is over a Prologix, an AR488, a gateway, a GPIB-ENET/100, a board of the kernel.
# States: 1 asserted, 0 unasserted, -1 unknown.
ADAPTERS = ("Prologix", "AR488", "gateway", "GPIB-ENET/100", "kernel board")
NO = "NSUP_OPER"
ROWS = (
    ("viGpibSendIFC", operation("viGpibSendIFC"), ("done",) * 5),
    ("viGpibCommand UNL UNT", command(b"\x3f\x5f"), (NO, "done", "done", NO, "done")),
    ("viGpibCommand LAD", command(b"\x3f\x22"), (NO, NO, "done", NO, "done")),
    ("raw query", raw_query, (NO, NO, "done", NO, "done")),
    ("viGpibControlATN assert", operation("viGpibControlATN", 1), (NO, NO, "done", NO, "done")),
    ("viGpibControlATN deassert", operation("viGpibControlATN", 0), (NO, NO, "done", NO, "done")),
    ("viGpibControlATN handshake", operation("viGpibControlATN", 2), (NO, NO, "NSUP_MODE", NO, "NSUP_MODE")),
    ("viGpibControlATN immediate", operation("viGpibControlATN", 3), (NO, NO, "NSUP_MODE", NO, "done")),
    ("viGpibControlATN 4", operation("viGpibControlATN", 4), ("INV_MODE",) * 5),
    ("viGpibControlREN address", operation("viGpibControlREN", 3), ("INV_MODE",) * 5),
    ("viGpibControlREN LLO", operation("viGpibControlREN", 4), ("INV_MODE", "done", "done", "INV_MODE", "done")),
    ("viGpibControlREN deassert", operation("viGpibControlREN", 0), ("INV_MODE", "done", "done", "INV_MODE", "done")),
    ("REN released", attribute(0x3FFF0181, I16), (-1, 0, 0, -1, 0)),
    ("viGpibControlREN assert", operation("viGpibControlREN", 1), ("done", "done", "done", "INV_MODE", "done")),
    ("REN", attribute(0x3FFF0181, I16), (-1, 1, 1, -1, 1)),
    ("viAssertTrigger", operation("viAssertTrigger", 0), (NO, NO, "done", NO, "done")),
    ("viReadSTB", operation("viReadSTB", ctypes.byref(ctypes.c_uint16())), (NO,) * 5),
    ("viClear", operation("viClear"), (NO,) * 5),
    ("ATN", attribute(0x3FFF0057, I16), (-1, -1, -1, -1, 0)),
    ("NDAC", attribute(0x3FFF0062, I16), (-1, -1, 0, -1, 0)),
    ("SRQ", attribute(0x3FFF0067, I16), (0, 0, 0, -1, 0)),
    ("address state", attribute(0x3FFF005C, I16), (0, 0, 2, 0, 2)),  # it has just listened to the instrument
    ("controller in charge", attribute(0x3FFF005E, U16), (1, 1, 1, "NSUP_ATTR", 1)),
    ("system controller", attribute(0x3FFF0068, U16), (1, 1, 1, "NSUP_ATTR", 1)),
    ("cable length", attribute(0x3FFF0069, I16), (-1,) * 5),
    ("primary address", attribute(0x3FFF0172, U16), (0,) * 5),
    ("secondary address", attribute(0x3FFF0173, U16), (0xFFFF,) * 5),
    ("own status byte", attribute(0x3FFF0189, U8), (0,) * 5),
    ("set cable length", setting(0x3FFF0069, 5), ("NSUP_ATTR_STATE",) * 5),
    ("set system controller", setting(0x3FFF0068, 0), ("NSUP_ATTR_STATE",) * 5),
    ("set own status byte", setting(0x3FFF0189, 65), ("NSUP_ATTR_STATE",) * 5),
    ("set secondary address", setting(0x3FFF0173, 5), ("NSUP_ATTR_STATE",) * 5),
    ("event SERVICE_REQ", event(0x3FFF200B), ("done",) * 5),
    ("event GPIB_CIC", event(0x3FFF2012), ("INV_EVENT",) * 4 + ("done",)),
    ("event GPIB_TALK", event(0x3FFF2013), ("INV_EVENT",) * 4 + ("done",)),
    ("event GPIB_LISTEN", event(0x3FFF2014), ("INV_EVENT",) * 4 + ("done",)),
    ("event CLEAR", event(0x3FFF200D), ("INV_EVENT",) * 4 + ("done",)),
    ("event TRIG", event(0xBFFF200A), ("INV_EVENT",) * 4 + ("done",)),
    ("viGpibPassControl 31", operation("viGpibPassControl", 31, 0xFFFF), ("INV_PARAMETER",) * 5),
)


def meter_answers():
    if visa.viWrite(meter, b"*IDN?", 5, ctypes.byref(count)) != 0:
        return False
    return visa.viRead(meter, room, len(room), ctypes.byref(count)) == 0 and \
        room.raw[:count.value] == b"FreeVISA,meter,2,1.0\n"


def main():
    column = next(i for i, name in enumerate(ADAPTERS) if ADAPTER.startswith(name))
    visa.viOpenDefaultRM(ctypes.byref(manager))
    for name, handle in ((b"GPIB0::INTFC", board), (b"GPIB0::2::INSTR", meter)):
        if visa.viOpen(manager, name, 0, 20000, ctypes.byref(handle)) != 0:
            sys.exit("%s cannot be opened" % name.decode("ascii"))
        visa.viSetAttribute(handle, TMO_VALUE, ctypes.c_ulong(5000))
    failed = 0
    for name, ask, wanted in ROWS:
        begun = time.monotonic()
        got = ask()
        lasted = time.monotonic() - begun
        answers = meter_answers()
        if got == wanted[column] and answers and lasted < MOST:
            continue
        failed += 1
        print("failed: %s: %s instead of %s, after %.1f s; the instrument %s"
              % (name, got, wanted[column], lasted, "answers" if answers else "does not answer"))
    visa.viClose(manager)
    print("%d passed, %d failed" % (len(ROWS) - failed, failed))
    return 1 if failed else 0


sys.exit(main())
