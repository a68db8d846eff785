# SPDX-License-Identifier: MIT
"""PyVISA's own instrument, lock, event and asynchronous tests, run over GPIB, where PyVISA itself has none: on the
bench's bus, behind an adapter. Beside them what PyVISA offers for GPIB alone: wait_for_srq, and the board. Left out by
name: the tests of 1.11.3 that assert a timeout of 1 after setting 0 (see not_ours.txt).
"""
import os

import pytest
import pyvisa
from left_out import left_out
from pyvisa import constants, errors
from pyvisa.testsuite import keysight_assisted_tests as suite
from pyvisa.testsuite.keysight_assisted_tests.messagebased_resource_utils import (
    EventAwareMessagebasedResourceTestCaseMixin,
    LockableMessagedBasedResourceTestCaseMixin,
    MessagebasedResourceTestCase,
)

KIND = os.environ.get("FREEVISA_TEST_GPIB", "adapter")
suite.RESOURCE_ADDRESSES["GPIB::INSTR"] = "GPIB0::1::INSTR"


class TestGpib(LockableMessagedBasedResourceTestCaseMixin, EventAwareMessagebasedResourceTestCaseMixin,
               MessagebasedResourceTestCase):
    RESOURCE_TYPE = "GPIB::INSTR"
    MINIMAL_TIMEOUT = 0

    def test_class(self):
        assert isinstance(self.instr, pyvisa.resources.GPIBInstrument)
        assert self.instr.primary_address == 1
        # 1.11.3 opens GPIB0::1::0::INSTR: secondary address 0, which an instrument without one does not notice.
        assert self.instr.secondary_address == (0 if pyvisa.__version__ == "1.11.3" else constants.VI_NO_SEC_ADDR)
        assert self.instr.enable_repeat_addressing is True
        assert self.instr.enable_unaddressing is False

    def test_manual_async_read(self):
        if KIND == "ni-hs":
            # It says that a read ended, not whether by EOI or by the termination character.
            self.instr.read_termination = None
        super().test_manual_async_read()

    def test_wait_for_srq(self):
        for line in ("RCVSLOWSRQ", "slow", "SENDSLOWSRQ"):
            self.instr.write(line)
        self.instr.wait_for_srq(10000)
        assert self.instr.read().strip() == "slow"

    def test_wait_for_srq_timeout(self):
        with pytest.raises(errors.VisaIOError) as refused:
            self.instr.wait_for_srq(100)
        assert refused.value.error_code == constants.StatusCode.error_timeout

    def test_board(self):
        with self.rm.open_resource("GPIB0::INTFC") as board:
            assert isinstance(board, pyvisa.resources.GPIBInterface)
            if KIND == "enet100":  # it does not tell
                with pytest.raises(errors.VisaIOError) as unknown:
                    assert board.is_controller_in_charge is None
                assert unknown.value.error_code == constants.StatusCode.error_nonsupported_attribute
            else:
                assert board.is_controller_in_charge is True
            assert board.send_ifc() == constants.StatusCode.success
            if KIND not in ("adapter", "enet100"):  # they read lines and control ATN
                if KIND in ("gateway", "kernel"):
                    assert board.ndac_state == constants.LineState.unasserted
                else:  # after IFC all devices listen to ATN
                    assert board.ndac_state != constants.LineState.unknown
                assert board.control_atn(constants.ATNLineOperation.asrt) == constants.StatusCode.success
                assert board.send_command(b"\x3f\x5f")[1] == constants.StatusCode.success
                return
            assert board.ndac_state == constants.LineState.unknown
            with pytest.raises(errors.VisaIOError) as refused:
                board.control_atn(constants.ATNLineOperation.asrt)
            assert refused.value.error_code == constants.StatusCode.error_nonsupported_operation
        assert self.instr.query("*IDN?").startswith("Keysight")


if KIND == "kernel":
    left_out(TestGpib, "the kernel does not tell END from the termination character", "test_manual_async_read")
if pyvisa.__version__ == "1.11.3":
    TestGpib.test_timeout = TestGpib.test_attribute_handling = None
