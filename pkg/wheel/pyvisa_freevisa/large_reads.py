# SPDX-License-Identifier: MIT
"""Long answers in one piece.

PyVISA reads an answer in pieces of `chunk_size` (20 KiB), each by a call of its own and copied three times; over USB and
VXI-11 each piece is also a request to the instrument. Here the first piece is as PyVISA has it; the rest is read into
the memory where it stays, as much at once as an IEEE 488.2 block announces, else in growing pieces. Where the program
has chosen a chunk size, or wants to watch the progress, PyVISA's own way is taken.
"""
import ctypes

from pyvisa import constants
from pyvisa.ctwrapper.types import ViUInt32
from pyvisa.resources import MessageBasedResource

_LARGEST = 1 << 30  # of one call
_FIRST_GUESS = 1 << 18
_LARGEST_GUESS = 1 << 26
_SLACK = 64  # what may follow a block: a newline, a checksum

_QUIET = (constants.StatusCode.success_device_not_present, constants.StatusCode.success_max_count_read)
_ENDS = (constants.StatusCode.success, constants.StatusCode.success_termination_character_read)


def read_into(vi_read, session, memory, begin, count):
    """viRead of `count` bytes to `begin` of the bytearray `memory`; returns how many came, and the status."""
    got = ViUInt32()
    target = (ctypes.c_char * count).from_buffer(memory, begin)
    try:
        status = vi_read(session, target, count, ctypes.byref(got))
    finally:
        del target  # as long as it is there, `memory` cannot change its size
    return got.value, status


def announced(answer):
    """How long an answer is that begins with the header of an IEEE 488.2 block; 0 if it does not say."""
    if answer[:1] != b"#" or not answer[1:2].isdigit() or answer[1:2] == b"0":
        return 0
    digits = answer[2:2 + int(answer[1:2])]
    return 2 + len(digits) + int(digits) if digits.isdigit() else 0


class LargeReads:
    """What a message-based resource has in addition."""

    def _is_plain(self, size, others):
        return (size is None and not any(other is not None for other in others)
                and self.chunk_size == MessageBasedResource.chunk_size)

    def _read_raw(self, size=None, *others, **named):
        if not self._is_plain(size, (*others, *named.values())):
            return super()._read_raw(size, *others, **named)
        library, session = self.visalib, self.session
        with self.ignore_warning(*_QUIET):
            first, status = library.read(session, self.chunk_size)
            if not library.more_to_come(status):
                return bytearray(first)
            whole = announced(first) - len(first)
            size = min(whole + _SLACK, _LARGEST) if whole > 0 else _FIRST_GUESS
            answer = bytearray(len(first) + size)  # the system gives zeroed memory page by page, as it is used
            answer[:len(first)] = first
            end = len(first)
            while True:
                got, status = library.read_into(session, answer, end, len(answer) - end)
                end += got
                if not library.more_to_come(status):
                    break
                answer.extend(bytes(min(max(end, _FIRST_GUESS), _LARGEST_GUESS)))
        del answer[end:]
        return answer

    def read_bytes(self, count, chunk_size=None, break_on_termchar=False, *others, **named):
        if count <= self.chunk_size or not self._is_plain(chunk_size, (*others, *named.values())):
            return super().read_bytes(count, chunk_size, break_on_termchar, *others, **named)
        answer = bytearray(count)
        end = 0
        with self.ignore_warning(*_QUIET):
            while end < count:
                got, status = self.visalib.read_into(self.session, answer, end, min(count - end, _LARGEST))
                end += got
                if break_on_termchar and status in _ENDS:
                    break
        del answer[end:]
        return bytes(answer)


def teach(manager):
    """Lets the resources that `manager` opens read so. Only this manager: other backends keep PyVISA's classes."""
    classes = getattr(manager, "_resource_classes", None)
    if not isinstance(classes, dict):
        return  # a PyVISA that keeps its classes elsewhere: its own way of reading works, too
    manager._resource_classes = {
        kind: type(known.__name__, (LargeReads, known), {"__doc__": known.__doc__, "__module__": known.__module__})
        if issubclass(known, MessageBasedResource) else known
        for kind, known in classes.items()}
