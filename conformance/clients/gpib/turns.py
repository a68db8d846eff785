# SPDX-License-Identifier: MIT
"""turns.py LIBRARY [--whole] [--board]

The instruments GPIB0::2::INSTR to GPIB0::4::INSTR of one bus, by ctypes. With --board two programs share the board. Ends
with `N passed, N failed`.
"""
import ctypes
import subprocess
import sys

ERROR_TMO = 0xBFFF0015
TMO_VALUE, SERVICE_REQ, QUEUE, EXCLUSIVE_LOCK = 0x3FFF001A, 0x3FFF200B, 1, 1
LONG = 20000
ADDRESSES = (2, 3, 4)

visa = ctypes.CDLL(sys.argv[1])
manager = ctypes.c_uint32()


class Session:
    def __init__(self, address):
        self.address = address
        self.vi = ctypes.c_uint32()
        expect(visa.viOpen(manager, b"GPIB0::%d::INSTR" % address, 0, LONG, ctypes.byref(self.vi)), 0)
        self.timeout(LONG)

    def timeout(self, milliseconds):
        expect(visa.viSetAttribute(self.vi, TMO_VALUE, ctypes.c_ulong(milliseconds)), 0)

    def write(self, text):
        count = ctypes.c_uint32()
        expect(visa.viWrite(self.vi, text, len(text), ctypes.byref(count)), 0)

    def read(self):
        """(status, bytes)"""
        room = ctypes.create_string_buffer(1000)
        count = ctypes.c_uint32()
        status = visa.viRead(self.vi, room, len(room), ctypes.byref(count))
        return status & 0xFFFFFFFF, room.raw[:count.value]

    def query(self, text):
        self.write(text)
        return self.read()

    def is_itself(self):
        expect(self.query(b"*IDN?"), (0, b"FreeVISA,meter,%d,1.0\n" % self.address))

    def status_byte(self):
        status = ctypes.c_uint16()
        expect(visa.viReadSTB(self.vi, ctypes.byref(status)), 0)
        return status.value


def expect(got, wanted):
    if got != wanted:
        raise AssertionError("%r instead of %r" % (got, wanted))


def all_sessions(use):
    sessions = [Session(address) for address in ADDRESSES]
    try:
        use(sessions)
    finally:
        for one in sessions:
            visa.viClose(one.vi)


def three_requests_at_once(sessions):
    for one in sessions:
        expect(visa.viEnableEvent(one.vi, SERVICE_REQ, QUEUE, 0), 0)
        one.write(b"*CLS;*ESE 1;*SRE 32")
    for _ in range(3):
        for one in sessions:
            one.write(b"*OPC")
        for one in sessions:
            expect(visa.viWaitOnEvent(one.vi, SERVICE_REQ, LONG, None, None), 0)
            expect(one.status_byte(), 0x60)
            expect(one.status_byte(), 0x20)
            expect(one.query(b"*ESR?"), (0, b"1\n"))
    for one in sessions:
        one.is_itself()


def after_a_timeout_the_next_query_has_its_own_answer(sessions):
    late, other = sessions[:2]
    for time in (20, 60, 150):
        late.write(b"SLOW?")
        late.timeout(time)
        expect(late.read(), (ERROR_TMO, b""))
        late.timeout(LONG)
        other.is_itself()
        late.is_itself()
    late.write(b"SLOW?")
    late.timeout(20)
    expect(late.read(), (ERROR_TMO, b""))
    late.timeout(LONG)
    expect(late.read(), (0, b"slow\n"))  # one that waits on gets it


def queries(own, shared):
    """A program needs no lock for an instrument of its own; on a shared one, the other's query would end this one's."""
    for _ in range(50):
        own.is_itself()
        expect(visa.viLock(shared.vi, EXCLUSIVE_LOCK, LONG, None, None), 0)
        shared.is_itself()
        expect(visa.viUnlock(shared.vi), 0)


def two_programs_take_turns(_sessions):
    others = [subprocess.Popen([sys.executable, __file__, sys.argv[1], "--child", own]) for own in ("0", "1")]
    expect([one.wait(100) for one in others], [0, 0])


def a_program_that_dies_in_a_read_gives_the_board_back(sessions):
    other = subprocess.Popen([sys.executable, __file__, sys.argv[1], "--reader"], stdout=subprocess.PIPE)
    expect(other.stdout.readline(), b"reads\n")
    other.kill()
    other.wait(20)
    sessions[1].is_itself()


def child():
    """Of a child: the two cases of one that goes on and one that is killed."""
    if "--child" in sys.argv:
        own = int(sys.argv[-1])
        all_sessions(lambda sessions: queries(sessions[own], sessions[2]))
        return
    one = Session(ADDRESSES[0])
    one.timeout(20)
    expect(one.read(), (ERROR_TMO, b""))
    one.timeout(LONG)
    print("reads", flush=True)  # the next moment, but for a few microseconds
    one.read()


def main():
    expect(visa.viOpenDefaultRM(ctypes.byref(manager)), 0)
    if "--child" in sys.argv or "--reader" in sys.argv:
        return child()
    cases = [three_requests_at_once, after_a_timeout_the_next_query_has_its_own_answer]
    if "--board" in sys.argv:
        cases += [two_programs_take_turns, a_program_that_dies_in_a_read_gives_the_board_back]
    failed = 0
    for one in cases:
        try:
            all_sessions(one)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            print("failed: %s: %s" % (one.__name__.replace("_", " "), error))
            failed += 1
    visa.viClose(manager)
    print("%d passed, %d failed" % (len(cases) - failed, failed))
    return 1 if failed else 0


sys.exit(main())
