# SPDX-License-Identifier: MIT
"""Long answers in one piece.

PyVISA reads an answer in pieces of `chunk_size` (20 KiB), each by a call of its own and copied three times; over USB and
VXI-11 each piece is also a request to the instrument. Here the first piece is as PyVISA has it; the rest is read into
the memory where it stays, as much at once as an IEEE 488.2 block announces, else in growing pieces. Where the program
has chosen a chunk size, or wants to watch the progress, PyVISA's own way is taken.
"""
import ctypes
import platform

from pyvisa import constants
from pyvisa.ctwrapper.types import ViUInt32
from pyvisa.resources import MessageBasedResource

_LARGEST = 1 << 30  # of one call
_FIRST_GUESS = 1 << 18
_LARGEST_GUESS = 1 << 26
_SLACK = 64  # what may follow a block: a newline, a checksum

_QUIET = (constants.StatusCode.success_device_not_present, constants.StatusCode.success_max_count_read)
_ENDS = (constants.StatusCode.success, constants.StatusCode.success_termination_character_read)


class _Array:
    """A bytearray in the making. CPython's C interface makes and lengthens it without filling it with zeros, which would
    touch each page once more."""

    def __init__(self, first, more):
        self.array = _new_array(len(first) + more)
        self.array[:len(first)] = first

    def __len__(self):
        return len(self.array)

    def piece(self, begin, count):
        """Memory for viRead. As long as it is there, the array cannot change its size."""
        return (ctypes.c_char * count).from_buffer(self.array, begin)

    def grow(self, more):
        _lengthen_array(self.array, len(self.array) + more)

    def take(self, size):
        """The first `size` bytes, for good."""
        del self.array[size:]
        return self.array


class _Bytes:
    """A bytes object in the making, by the C interface of CPython: its memory is neither zeroed nor copied."""

    object = None  # until there is memory for one

    def __init__(self, first, more):
        self.size = len(first) + more
        self.object = ctypes.c_void_p(_new_bytes(None, self.size))
        ctypes.memmove(self.piece(0, len(first)), bytes(first), len(first))

    def __len__(self):
        return self.size

    def piece(self, begin, count):
        return (ctypes.c_char * count).from_address(_start_of_bytes(self.object) + begin)

    def grow(self, more):
        self._resize(self.size + more)

    def take(self, size):
        self._resize(size)
        return ctypes.cast(self.object, ctypes.py_object).value

    def _resize(self, size):
        _resize_bytes(ctypes.byref(self.object), size)  # if it fails: raises, and the object is gone
        self.size = size

    def __del__(self):
        if self.object:
            _forget_reference(self.object)


if platform.python_implementation() == "CPython":
    _python = ctypes.pythonapi  # by [] it makes function objects of our own, whose argument types nobody else sets
    _new_bytes = _python["PyBytes_FromStringAndSize"]
    _new_bytes.restype, _new_bytes.argtypes = ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_ssize_t)
    _start_of_bytes = _python["PyBytes_AsString"]
    _start_of_bytes.restype, _start_of_bytes.argtypes = ctypes.c_void_p, (ctypes.c_void_p,)
    _resize_bytes = _python["_PyBytes_Resize"]
    _resize_bytes.restype, _resize_bytes.argtypes = ctypes.c_int, (ctypes.POINTER(ctypes.c_void_p), ctypes.c_ssize_t)
    _forget_reference = _python["Py_DecRef"]
    _forget_reference.restype, _forget_reference.argtypes = None, (ctypes.c_void_p,)
    _array_of = _python["PyByteArray_FromStringAndSize"]
    _array_of.restype, _array_of.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_ssize_t)
    _lengthen_array = _python["PyByteArray_Resize"]
    _lengthen_array.restype, _lengthen_array.argtypes = ctypes.c_int, (ctypes.py_object, ctypes.c_ssize_t)

    def _new_array(size):
        return _array_of(None, size)
else:
    _Bytes = _Array
    _new_array = bytearray

    def _lengthen_array(array, size):
        array.extend(bytes(size - len(array)))


def read_into(vi_read, session, memory, begin, count):
    """viRead of `count` bytes to `begin` of `memory`; returns how many came, and the status."""
    got = ViUInt32()
    target = memory.piece(begin, count)
    try:
        status = vi_read(session, target, count, ctypes.byref(got))
    finally:
        del target
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

    def _read_whole(self, kind):
        """An answer in memory of `kind`, or as the bytes that came first if that is all."""
        library, session = self.visalib, self.session
        with self.ignore_warning(*_QUIET):
            first, status = library.read(session, self.chunk_size)
            if not library.more_to_come(status):
                return first
            whole = announced(first) - len(first)
            memory = kind(first, min(whole + _SLACK, _LARGEST) if whole > 0 else _FIRST_GUESS)
            end = len(first)
            while True:
                got, status = library.read_into(session, memory, end, len(memory) - end)
                end += got
                if not library.more_to_come(status):
                    return memory.take(end)
                memory.grow(min(max(end, _FIRST_GUESS), _LARGEST_GUESS))

    def _read_raw(self, size=None, *others, **named):
        if not self._is_plain(size, (*others, *named.values())):
            return super()._read_raw(size, *others, **named)
        answer = self._read_whole(_Array)
        return answer if isinstance(answer, bytearray) else bytearray(answer)

    def read_raw(self, size=None, *others, **named):
        if not self._is_plain(size, (*others, *named.values())):
            return super().read_raw(size, *others, **named)
        answer = self._read_whole(_Bytes)
        return answer if isinstance(answer, bytes) else bytes(answer)

    def read_bytes(self, count, chunk_size=None, break_on_termchar=False, *others, **named):
        if count <= self.chunk_size or not self._is_plain(chunk_size, (*others, *named.values())):
            return super().read_bytes(count, chunk_size, break_on_termchar, *others, **named)
        memory = _Bytes(b"", count)
        end = 0
        with self.ignore_warning(*_QUIET):
            while end < count:
                got, status = self.visalib.read_into(self.session, memory, end, min(count - end, _LARGEST))
                end += got
                if break_on_termchar and status in _ENDS:
                    break
        answer = memory.take(end)
        return answer if isinstance(answer, bytes) else bytes(answer)


def teach(manager):
    """Lets the resources that `manager` opens read so. Only this manager: other backends keep PyVISA's classes."""
    classes = getattr(manager, "_resource_classes", None)
    if not isinstance(classes, dict):
        return  # a PyVISA that keeps its classes elsewhere: its own way of reading works, too
    manager._resource_classes = {
        kind: type(known.__name__, (LargeReads, known), {"__doc__": known.__doc__, "__module__": known.__module__})
        if issubclass(known, MessageBasedResource) else known
        for kind, known in classes.items()}
