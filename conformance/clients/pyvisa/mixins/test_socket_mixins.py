# SPDX-License-Identifier: MIT
"""PyVISA's own lock, event and asynchronous tests, run over SOCKET, where PyVISA itself runs them over
INSTR only. They open resources without terminations, which a byte stream needs: the resource manager
of the test gives them. What cannot pass is marked at the end; the tests of asynchronous reads here take the place of
test_manual_async_read.
"""
import pyvisa
from left_out import leave_out_service_requests, left_out
from pyvisa import constants
from pyvisa.testsuite.keysight_assisted_tests.messagebased_resource_utils import (
    EventAwareMessagebasedResourceTestCaseMixin,
    LockableMessagedBasedResourceTestCaseMixin,
    MessagebasedResourceTestCase,
)


class TestSocketMixins(LockableMessagedBasedResourceTestCaseMixin, EventAwareMessagebasedResourceTestCaseMixin,
                       MessagebasedResourceTestCase):
    RESOURCE_TYPE = "TCPIP::SOCKET"
    MINIMAL_TIMEOUT = 0

    def setup_method(self):
        opening = pyvisa.ResourceManager.open_resource

        def with_terminations(manager, name, *args, **kwargs):
            kwargs.setdefault("read_termination", "\n")
            kwargs.setdefault("write_termination", "\n")
            return opening(manager, name, *args, **kwargs)

        self.opening = opening
        pyvisa.ResourceManager.open_resource = with_terminations
        super().setup_method()

    def teardown_method(self):
        pyvisa.ResourceManager.open_resource = self.opening
        super().teardown_method()

    def completed_read(self, count):
        """viReadAsync of `count`, then the event's context."""
        visalib = self.instr.visalib
        buffer, job, _ = visalib.read_asynchronously(self.instr.session, count)
        assert buffer is visalib.get_buffer_from_id(job)
        response = self.instr.wait_on_event(constants.EventType.io_completion, 2000)
        event = response.event  # lives as long as the response
        return bytes(buffer), event.status, event.return_count, event.operation_name

    def test_async_read_ends_at_the_termination_character(self):
        self.instr.enable_event(constants.EventType.io_completion, constants.EventMechanism.queue)
        for line in (b"RECEIVE\n", b"test\n", b"SEND\n"):
            self.instr.write_raw(line)
        data, status, count, name = self.completed_read(10)
        assert (data[:5], count, name) == (b"test\n", 5, "viReadAsync")
        assert status == constants.StatusCode.success_termination_character_read

    def test_async_read_ends_at_the_count(self):
        self.instr.enable_event(constants.EventType.io_completion, constants.EventMechanism.queue)
        for line in (b"RECEIVE\n", b"test\n", b"SEND\n"):
            self.instr.write_raw(line)
        data, status, count, _ = self.completed_read(3)
        assert (data, count, status) == (b"tes", 3, constants.StatusCode.success_max_count_read)
        assert self.instr.read_bytes(2) == b"t\n"


for inherited in dir(MessagebasedResourceTestCase):
    if inherited.startswith("test_"):
        setattr(TestSocketMixins, inherited, None)
leave_out_service_requests(TestSocketMixins)
left_out(TestSocketMixins, "demands VI_SUCCESS where SOCKET answers VI_SUCCESS_TERM_CHAR", "test_manual_async_read")
