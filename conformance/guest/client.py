# SPDX-License-Identifier: MIT
"""Runs in the virtual machine: the bench's device by the real libusb and the real kernel."""
import time

import pyvisa
import usb.core
import usb.util


def tried(name, function):
    try:
        function()
        print("ok " + name, flush=True)
    except Exception as error:
        print("failed %s: %r" % (name, error), flush=True)


def expect(got, wanted):
    if got != wanted:
        raise AssertionError("%r instead of %r" % (got, wanted))


manager = pyvisa.ResourceManager("@py")


def opened():
    resource = manager.open_resource("USB0::0x1209::0x0002::GUEST1::INSTR")
    resource.timeout = 10000
    resource.read_termination = resource.write_termination = "\n"
    return resource


def queries():
    with opened() as resource:
        for number in range(300):
            expect(resource.query("*ESE %d;*ESE?" % (number % 256)), str(number % 256))


def large():
    with opened() as resource:
        resource.chunk_size = 1 << 20
        resource.write("CURV?")
        data = b""
        while len(data) < 1000009:
            data += resource.read_raw()
        expect(data[:9], b"#71000000")


def full_packets():
    """Answers of every length around the end of a packet."""
    with opened() as resource:
        for size in range(490, 530):
            text = "x" * size
            resource.write('TEXT "%s"' % text)
            expect(resource.query("TEXT?"), '"%s"' % text)


device = usb.core.find(idVendor=0x1209, idProduct=2)


def request(code, value, length):
    return bytes(device.ctrl_transfer(0xA1, code, value, 0, length, 5000))


def clear():
    usb.util.claim_interface(device, 0)
    expect(request(5, 0, 1), b"\x01")
    expect(request(6, 0, 2), b"\x01\x00")
    try:
        device.write(1, bytes([1, 1, 254, 0, 4, 0, 0, 0, 1, 0, 0, 0]) + b"*CLS", 2000)
    except usb.core.USBError as error:
        expect(error.errno, 32)
    else:
        raise AssertionError("the endpoint is not halted")
    device.clear_halt(1)
    device.write(1, bytes([1, 2, 253, 0, 4, 0, 0, 0, 1, 0, 0, 0]) + b"*CLS", 2000)


def status():
    expect(request(128, 2, 3), bytes([1, 2, 0]))
    expect(bytes(device.read(0x83, 64, 5000))[0], 0x82)
    device.write(1, bytes([1, 3, 252, 0, 19, 0, 0, 0, 1, 0, 0, 0]) + b"*ESE 1;*SRE 32;*OPC\0", 2000)
    expect(bytes(device.read(0x83, 64, 5000))[0], 0x81)


def timeout():
    device.write(1, bytes([2, 4, 251, 0, 100, 0, 0, 0, 0, 0, 0, 0]), 2000)
    begun = time.monotonic()
    try:
        device.read(0x82, 1024, 300)
    except usb.core.USBTimeoutError:
        pass
    expect(time.monotonic() - begun < 5, True)
    expect(bytes(device.ctrl_transfer(0xA2, 3, 4, 0x82, 2, 5000)), bytes([1, 4]))
    expect(bytes(device.read(0x82, 1024, 5000)), b"")
    expect(bytes(device.ctrl_transfer(0xA2, 4, 0, 0x82, 8, 5000))[0], 1)


tried("pyvisa-py: queries", queries)
tried("pyvisa-py: a megabyte", large)
tried("pyvisa-py: answers that fill a packet", full_packets)
tried("pyusb: clear halts the endpoint", clear)
tried("pyusb: status bytes and requests for service", status)
tried("pyusb: timeout and abort", timeout)
