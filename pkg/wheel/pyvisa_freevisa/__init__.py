# SPDX-License-Identifier: MIT
"""PyVISA's backend for FreeVISA: pyvisa.ResourceManager("@freevisa").

It is the ctypes backend on the library of the package freevisa, with two differences: long answers are read in one piece
(large_reads), and Ctrl-C ends a call that waits (interrupts).
"""
import ctypes

import freevisa
from freevisa import __version__  # noqa: F401  shown by pyvisa-info
from pyvisa import constants
from pyvisa.ctwrapper import IVIVisaLibrary
from pyvisa.util import LibraryPath

from pyvisa_freevisa import interrupts, large_reads

# Functions that wait for an instrument or another program; the first argument of each is a session.
_WAITING = ("viOpen", "viRead", "viWrite", "viClear", "viReadSTB", "viAssertTrigger", "viWaitOnEvent", "viLock",
            "viGpibControlREN", "viGpibCommand", "viGpibPassControl", "viUsbControlIn", "viUsbControlOut",
            "viReadToFile", "viWriteFromFile", "viFlush")


class FreeVisaLibrary(IVIVisaLibrary):
    """The ctypes backend, on FreeVISA."""

    @staticmethod
    def get_library_paths():
        """The library of the package, and no other."""
        return (LibraryPath(freevisa.library_path(), "freevisa"),)

    @staticmethod
    def get_debug_info():
        """For pyvisa-info."""
        return {"Version": __version__, "Library": freevisa.library_path()}

    def _init(self):
        super()._init()
        # A function object of its own: PyVISA's notes the status of the session's last call.
        terminate = ctypes.CDLL(str(self.library_path)).viTerminate
        terminate.argtypes = (ctypes.c_uint32, ctypes.c_uint16, ctypes.c_uint32)
        for name in _WAITING:
            function = interrupts.interruptible(getattr(self.lib, name), terminate)
            setattr(self.lib, name, function)
            setattr(self, name, function)

    # PyVISA sets this attribute to the manager that it has made with this library.
    @property
    def resource_manager(self):
        return self.__dict__.get("resource_manager")

    @resource_manager.setter
    def resource_manager(self, manager):
        self.__dict__["resource_manager"] = manager
        if manager is not None:
            large_reads.teach(manager)

    def read_into(self, session, memory, begin, count):
        """viRead of `count` bytes to `begin` of `memory`, one of large_reads; returns how many came, and the status."""
        return large_reads.read_into(self.lib.viRead, session, memory, begin, count)

    @staticmethod
    def more_to_come(status):
        """True if a read ended only because its count was reached."""
        return status == constants.StatusCode.success_max_count_read


WRAPPER_CLASS = FreeVisaLibrary
