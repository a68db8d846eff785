# SPDX-License-Identifier: MIT
"""Runs in the virtual machine: libvisa by PyVISA, over real xHCI, on the bench's USB device. Last, it is unplugged."""
import pyvisa
from pyvisa import constants

from serial_client import LINE, await_listed, expect, order, tried

NAME = "USB0::0x1209::0x0002::GUEST1::INSTR"
manager = pyvisa.ResourceManager()


def opened():
    resource = manager.open_resource(NAME, read_termination="\n", write_termination="\n")
    resource.timeout = 20000
    return resource


def queries():
    with opened() as resource:
        for number in range(200):
            expect(resource.query("*ESE %d;*ESE?" % (number % 256)), str(number % 256))


def large():
    with opened() as resource:
        resource.read_termination = None  # the samples have every value
        for chunk in (1 << 21, 1 << 16, 5000):
            resource.write("CURV?")
            data = resource.read_raw(chunk)
            expect((len(data), data[:9]), (1000010, b"#71000000"))


def full_packets():
    with opened() as resource:
        for size in range(494, 520):
            text = "x" * size
            resource.write('TEXT "%s"' % text)
            expect(resource.query("TEXT?"), '"%s"' % text)


def timeout():
    with opened() as resource:
        for _ in range(3):
            resource.timeout = 300
            try:
                resource.read()
                raise AssertionError("an answer without a question")
            except pyvisa.VisaIOError as error:
                expect(error.error_code, constants.StatusCode.error_timeout)
            resource.timeout = 20000
            expect(resource.query("*IDN?"), "A,guest,1,1")


def clear():
    with opened() as resource:
        resource.write("*IDN?")
        resource.clear()
        expect(resource.query("*OPC?"), "1")


def service_request():
    with opened() as resource:
        event = constants.EventType.service_request
        resource.enable_event(event, constants.EventMechanism.queue)
        resource.write("*CLS;*ESE 1;*SRE 32;*OPC")
        resource.wait_on_event(event, 20000)
        expect(resource.read_stb() & 0x40, 0x40)
        resource.disable_event(event, constants.EventMechanism.queue)


def unplugged():
    """In the middle of a read; the name opens again afterwards."""
    resource = opened()
    with manager.open_resource(LINE) as line:
        order(line, "later 1 unplug guest")
        try:
            resource.read()
            raise AssertionError("an answer of a device that is gone")
        except pyvisa.VisaIOError as error:
            expect(error.error_code, constants.StatusCode.error_connection_lost)
        resource.close()
        expect(NAME in manager.list_resources("USB?*"), False)
        order(line, "plug_guest")
    await_listed(manager, NAME)
    with opened() as again:
        expect(again.query("*IDN?"), "A,guest,1,1")


tried("libvisa over xHCI: queries", queries)
tried("libvisa over xHCI: a megabyte, by counts of every size", large)
tried("libvisa over xHCI: answers that fill a packet", full_packets)
tried("libvisa over xHCI: the next query after a timeout", timeout)
tried("libvisa over xHCI: device clear", clear)
tried("libvisa over xHCI: service request and status byte", service_request)
tried("libvisa over xHCI: unplugged and plugged in again", unplugged)
