# SPDX-License-Identifier: MIT
"""sweep.py LIBRARY [--whole] [--board]

Messages to the instrument GPIB0::1::INSTR, which returns each as it came, and whether they do. Each is read in one piece
with room to spare, into a buffer of its very size, and in smaller pieces. Ends with `N passed, N failed`, where each
message is one test.
"""
import ctypes
import random
import sys
import time

SUCCESS, SUCCESS_MAX_CNT = 0, 0x3FFF0006
TMO_VALUE, SEND_END_EN, TERMCHAR_EN = 0x3FFF001A, 0x3FFF0016, 0x3FFF0038
MOST = 70000
# What ends or escapes something on one of the wires: NUL, the mark of EOI, LF, CR, ESC, +.
SPECIAL = b"\0\x04\n\r\x1b+"
# Around a number of bytes at which somebody's buffer, frame or counter may end.
EDGES = sorted({n for power in range(17) for n in (2**power - 1, 2**power, 2**power + 1)}
               | {1000, 1455, 1456, 1457, 2912, 16383, 16384, 16385, 32767, 32769, 65534, 65535, 65536, 65537, 69999, MOST})
MOST_SHOWN = 10


class Loop:
    def __init__(self, library):
        self.visa = ctypes.CDLL(library)
        self.manager, self.session = ctypes.c_uint32(), ctypes.c_uint32()
        self.check(self.visa.viOpenDefaultRM(ctypes.byref(self.manager)))
        self.check(self.visa.viOpen(self.manager, b"GPIB0::1::INSTR", 0, 20000, ctypes.byref(self.session)))
        for attribute, value in ((TMO_VALUE, 60000), (SEND_END_EN, 1), (TERMCHAR_EN, 0)):
            self.check(self.visa.viSetAttribute(self.session, attribute, ctypes.c_ulong(value)))
        self.count = ctypes.c_uint32()
        self.room = (ctypes.c_char * (MOST + 1000))()
        self.passed = self.failed = 0

    def check(self, status):
        if status < 0:
            raise OSError("0x%08X" % (status & 0xFFFFFFFF))

    def write(self, data):
        status = self.visa.viWrite(self.session, data, len(data), ctypes.byref(self.count))
        return "write 0x%08X %d" % (status & 0xFFFFFFFF, self.count.value) if status or self.count.value != len(data) else ""

    def read(self, size, piece):
        """The answer in pieces of at most `piece` bytes; the text says what was wrong with a status."""
        answer = b""
        while True:
            status = self.visa.viRead(self.session, self.room, piece, ctypes.byref(self.count))
            answer += self.room[:self.count.value]
            if status == SUCCESS:
                return answer, ""
            if status != SUCCESS_MAX_CNT or self.count.value != piece or len(answer) >= size:
                return answer, "read 0x%08X" % (status & 0xFFFFFFFF)

    def tell(self, data, piece):
        wrong = self.write(data)
        answer = b""
        if not wrong and data:
            answer, wrong = self.read(len(data), piece)
        if not wrong and answer == data:
            self.passed += 1
            return
        self.failed += 1
        if self.failed <= MOST_SHOWN:
            differs = next((i for i, (a, b) in enumerate(zip(answer, data)) if a != b), min(len(answer), len(data)))
            print("failed: %d bytes, pieces of %d: %s, %d came, they differ at %d: %r instead of %r"
                  % (len(data), piece, wrong, len(answer), differs, answer[differs:differs + 8], data[differs:differs + 8]))
        if wrong:  # the next message is a test of its own
            self.visa.viClear(self.session)


def messages(whole):
    """(bytes, size of the reads)"""
    # The same in each run. Every byte value comes often, and what is special more often still.
    numbers = random.Random(16)
    data = bytes(numbers.choice(SPECIAL) if numbers.random() < 0.05 else numbers.randrange(256) for _ in range(MOST + 256))
    for value in range(256):
        yield bytes([value]), 10
    for value in range(256) if whole else SPECIAL:
        for other in range(256):
            yield bytes([value, other]), 10
            if not whole and other not in SPECIAL:
                yield bytes([other, value]), 10
    for value in range(256):
        yield bytes([value]) * 300, 1000
    yield data[:300], 1
    for size in EDGES:
        for piece in {size + 1, size, 100, 16384, 65535} - {0}:
            if size <= 300 or piece > 100:
                yield data[size % 256:size % 256 + size], piece
    if whole:
        for size in range(MOST + 1):
            yield data[size % 256:size % 256 + size], size + 1 if size % 2 else size or 1


def main():
    loop = Loop(sys.argv[1])
    whole = "--whole" in sys.argv
    begun = time.monotonic()
    moved = 0
    for data, piece in messages(whole):
        loop.tell(data, piece)
        moved += len(data)
        if loop.failed > 1000:
            print("more is not tried")
            break
    loop.visa.viClose(loop.manager)
    print("%d bytes each way in %.1f s" % (moved, time.monotonic() - begun))
    print("%d passed, %d failed" % (loop.passed, loop.failed))
    return 1 if loop.failed else 0


sys.exit(main())
