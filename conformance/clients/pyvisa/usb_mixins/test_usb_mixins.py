# SPDX-License-Identifier: MIT
"""PyVISA's own instrument, lock, event and asynchronous tests, run over USB, where PyVISA itself has none: on the
bench's USB488 device, by the real libusb under umockdev. test_resource_info has a twin here: upstream's compares names
as text, and PyVISA writes the interface number 0 into one that the library leaves out.
"""
from left_out import left_out, left_out_of_old
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
        assert info.interface_board_number == int(self.rname.board)
        assert info.resource_name == suite.RESOURCE_ADDRESSES["USB::INSTR"]
        assert self.instr.interface_type == constants.InterfaceType.usb
        assert self.instr.get_visa_attribute(constants.VI_ATTR_MANF_ID) == 0x1209
        assert self.instr.get_visa_attribute(constants.VI_ATTR_USB_SERIAL_NUM) == "BENCH0001"


left_out(TestUsb, "PyVISA writes an interface number into the name", "test_resource_info")
left_out_of_old(TestUsb)
del OverVxi11  # pytest would run it as it is
