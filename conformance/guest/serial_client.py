# SPDX-License-Identifier: MIT
"""Runs in the virtual machine: libvisa by PyVISA on real serial drivers, 8250 (on the PCI bus) and ftdi_sio."""
import ctypes
import os
import subprocess
import time

import pyvisa
from pyvisa import constants
from pyvisa.constants import Parity, SerialTermination, StatusCode, StopBits

FTDI = "ASRL7::INSTR"  # configured, so listed by its number
BREAK_EVENT = 0x3FFF2023  # VI_EVENT_ASRL_BREAK


def pci_port():
    for name in sorted(os.listdir("/sys/class/tty")):
        if name.startswith("ttyS") and "pci" in os.path.realpath("/sys/class/tty/%s/device" % name):
            return "/dev/" + name
    raise RuntimeError("no serial port on the PCI bus")


NODE = pci_port()
LINE = "ASRL%s::INSTR" % NODE


def tried(name, function):
    try:
        function()
        print("ok " + name, flush=True)
    except Exception as error:
        print("failed %s: %r" % (name, error), flush=True)


def expect(got, wanted):
    if got != wanted:
        raise AssertionError("%r instead of %r" % (got, wanted))


def order(line, what):
    line.read_termination = line.write_termination = "\n"
    line.baud_rate, line.timeout = 115200, 60000
    expect(line.query("ORDER " + what), "done")


manager = pyvisa.ResourceManager()


def opened(name, **settings):
    resource = manager.open_resource(name, read_termination="\n", write_termination="\n", **settings)
    resource.timeout = 20000
    return resource


def shown(node, *words):
    """What another program sees of the port."""
    said = subprocess.run(["stty", "-F", node, "-a"], capture_output=True, text=True, check=True).stdout.split()
    expect([word for word in words if word not in said], [])


def await_listed(manager, name):
    """After something was plugged in."""
    end = time.monotonic() + 30
    while name not in manager.list_resources("?*"):
        if time.monotonic() > end:
            raise AssertionError("%s is not in %s" % (name, manager.list_resources("?*")))


def queries():
    with opened(LINE, baud_rate=115200) as line:
        for number in range(20):
            expect(line.query("number %d" % number), "number %d" % number)
        expect(line.query("*IDN?"), "A,line,1,1")


def formats(name, node, possible, impossible=()):
    """Each number of data bits and each parity reaches the driver, and is read back; what it has not is refused."""
    with opened(name, baud_rate=115200) as line:
        for bits in possible:
            line.data_bits = bits
            expect(line.data_bits, bits)
            shown(node, "cs%d" % bits)
        for bits in impossible:
            try:
                line.data_bits = bits
                raise AssertionError("%d bits taken" % bits)
            except pyvisa.VisaIOError as error:
                expect(error.error_code, StatusCode.error_nonsupported_attribute_state)
            expect(line.data_bits, possible[-1])
        line.data_bits = 7
        for parity, words in ((Parity.even, ["parenb", "-parodd"]), (Parity.odd, ["parenb", "parodd"]),
                              (Parity.none, ["-parenb"])):
            line.parity = parity
            expect(line.parity, parity)
            shown(node, *words)
        line.stop_bits = StopBits.two
        shown(node, "cstopb")


def seven_bits():
    """Messages whose last byte is marked by the highest of 7 bits."""
    with opened(LINE, baud_rate=115200, data_bits=7, parity=Parity.even) as line:
        line.write_termination = line.read_termination = ""
        line.end_input = SerialTermination.last_bit
        line.write_raw(b"012" + bytes([ord("3") | 0x40]) + b"\n")  # comes back as a line
        expect(line.read_raw(), b"012" + bytes([ord("3") | 0x40]))
        expect(line.read_bytes(1), b"\n")


def impossible():
    """The 8250's clock has no such rate: refused, and the old one stays."""
    with opened(LINE, baud_rate=115200) as line:
        try:
            line.baud_rate = 250000
            raise AssertionError("taken")
        except pyvisa.VisaIOError as error:
            expect(error.error_code, StatusCode.error_nonsupported_attribute_state)
        expect(line.baud_rate, 115200)
        expect(line.query("still there"), "still there")
    with opened(FTDI) as ftdi:
        ftdi.baud_rate = 250000
        expect(ftdi.baud_rate, 250000)


def modem_lines():
    with opened(FTDI) as ftdi:
        for line in (constants.VI_ATTR_ASRL_CTS_STATE, constants.VI_ATTR_ASRL_DSR_STATE):
            expect(ftdi.get_visa_attribute(line) in (0, 1), True)
        for state in (0, 1):
            ftdi.set_visa_attribute(constants.VI_ATTR_ASRL_DTR_STATE, state)
            expect(ftdi.get_visa_attribute(constants.VI_ATTR_ASRL_DTR_STATE), state)


def breaks():
    """A break that is received is an event and no byte, and none is a lost connection. (QEMU's converter tells of one
    without the zero byte that a real one has with it, so its driver passes nothing on.)"""
    visa = ctypes.CDLL(os.environ["PYVISA_LIBRARY"])
    with opened(LINE, baud_rate=115200) as line:
        expect(visa.viEnableEvent(line.session, BREAK_EVENT, 1, 0), 0)
        order(line, "brk line")
        kind, event = ctypes.c_uint32(), ctypes.c_uint32()
        expect(visa.viWaitOnEvent(line.session, BREAK_EVENT, 20000, ctypes.byref(kind), ctypes.byref(event)), 0)
        expect(kind.value, BREAK_EVENT)
        visa.viClose(event)
        visa.viDisableEvent(line.session, BREAK_EVENT, 1)
        expect(line.bytes_in_buffer, 0)
        expect(line.query("after it"), "after it")


def unplugged():
    """The converter is pulled out while a read waits; the name opens again after it was plugged in."""
    ftdi = opened(FTDI)
    with opened(LINE) as line:
        order(line, "later 1 unplug ftdi")
        try:
            ftdi.read()
            raise AssertionError("a line from a port that is gone")
        except pyvisa.VisaIOError as error:
            expect(error.error_code, StatusCode.error_connection_lost)
        ftdi.close()
        expect(FTDI in manager.list_resources("ASRL?*"), False)
        order(line, "plug_ftdi")
    await_listed(manager, FTDI)
    with opened(FTDI) as again:
        again.write("RECEIVE")
        again.write("back")
        again.write("SEND")
        expect(again.read(), "back")


if __name__ == "__main__":
    tried("8250: queries", queries)
    tried("8250: data bits, parity, stop bits", lambda: formats(LINE, NODE, (7, 5, 6, 8)))
    tried("ftdi_sio: data bits, parity, stop bits", lambda: formats(FTDI, "/dev/ttyUSB0", (5, 7, 8), (6,)))
    tried("8250: END by the last of 7 bits", seven_bits)
    tried("rates that a port has and has not", impossible)
    tried("ftdi_sio: modem lines", modem_lines)
    tried("8250: a break is received", breaks)
    tried("ftdi_sio: unplugged and plugged in again", unplugged)
