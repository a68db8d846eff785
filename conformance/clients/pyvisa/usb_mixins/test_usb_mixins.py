# SPDX-License-Identifier: MIT
"""PyVISA's own instrument, lock, event and asynchronous tests, run over USB, where PyVISA itself has none: on the
bench's USB488 device, by the real libusb under umockdev. Left out by name: test_resource_info, which compares names
as text and writes the interface number 0 into one that the library leaves out; and the tests of 1.11.3 that assert a
timeout of 1 after setting 0 (see not_ours.txt).
"""
import pyvisa
from pyvisa import constants
from pyvisa.testsuite import keysight_assisted_tests as suite
from pyvisa.testsuite.keysight_assisted_tests.test_tcpip_resources import TestTCPIPInstr as OverVxi11

suite.RESOURCE_ADDRESSES["USB::INSTR"] = "USB0::0x1209::0x0001::BENCH0001::INSTR"


class TestUsb(OverVxi11):
    RESOURCE_TYPE = "USB::INSTR"
    MINIMAL_TIMEOUT = 0

    def test_interface(self):
        info = self.instr.resource_info
        assert (info.interface_type, info.resource_class) == (constants.InterfaceType.usb, "INSTR")
        assert self.instr.interface_type == constants.InterfaceType.usb
        assert self.instr.get_visa_attribute(constants.VI_ATTR_MANF_ID) == 0x1209
        assert self.instr.get_visa_attribute(constants.VI_ATTR_USB_SERIAL_NUM) == "BENCH0001"


TestUsb.test_resource_info = None
del OverVxi11  # pytest would run it as it is
if pyvisa.__version__ == "1.11.3":
    TestUsb.test_timeout = TestUsb.test_attribute_handling = None
