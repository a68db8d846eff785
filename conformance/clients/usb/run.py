# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR [PYTHON]

The USB devices of the bench, judged by programs nobody here wrote: pyvisa-py's client as PyVISA uses it,
python-usbtmc's (clear, status byte, trigger), pyusb for what neither has (hotplug, busy, control transfers, the
interrupt endpoint, ::RAW), and lsusb of usbutils. All of them reach the devices by the real libusb, in this process,
which runs again under umockdev's preload library. PYTHON, or the one that runs this, has pyvisa-py and pyusb;
without python-usbtmc or lsusb their tests are skipped. The last line is `N passed, N failed, N skipped`. Exit code
77: something is missing that nothing works without.
"""
import os
import select
import shutil
import subprocess
import sys
import time
import unittest

from under_bench import (INSTRUMENTS, UNDER_BENCH, VENDOR, Claimed, ask, by_serial, eventually, find, skip_all, start,
                         state)

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
MAV, RQS = 0x10, 0x40

if UNDER_BENCH not in os.environ:
    start(__file__, BUILD)

try:
    import pyvisa
    import pyvisa_py  # noqa: F401  (PyVISA's backend "@py")
    import usb.core
    import usb.util
except ImportError as missing:
    skip_all("%s has no pyvisa-py and pyusb: %s" % (sys.executable, missing))
try:
    import usbtmc
except ImportError:
    usbtmc = None


class PyvisaPy(unittest.TestCase):
    """The client of PyVISA's own backend."""

    def setUp(self):
        self.manager = pyvisa.ResourceManager("@py")
        self.addCleanup(self.manager.close)

    def resource(self, instrument):
        names = [one["resource"] for one in ask(op="instruments")["instruments"]
                 if one["instrument"] == instrument + "-usb"]
        opened = self.manager.open_resource(names[0])
        opened.timeout = 10000
        opened.read_termination = opened.write_termination = "\n"
        return opened

    def test_01_query(self):
        dmm, scope = self.resource("dmm"), self.resource("scope")
        self.assertIn("Virtual Multimeter", dmm.query("*IDN?"))
        self.assertIn("Oscilloscope", scope.query("*IDN?"))
        for number in range(300):  # tags wrap
            self.assertEqual(dmm.query("*ESE %d;*ESE?" % (number % 256)), str(number % 256))
        self.assertEqual(dmm.query("SYST:ERR?"), '0,"No error"')
        self.assertEqual(state("dmm")["violations"], 0)

    def test_02_list(self):
        listed = self.manager.list_resources("USB?*")
        for serial in ("BENCH0002", "PLAIN", "DEEP", "SAME"):
            self.assertTrue([one for one in listed if "::%s::" % serial in one], (serial, listed))

    def test_03_large_reads(self):
        scope = self.resource("scope")
        for chunk in (1 << 16, 1 << 20):
            scope.chunk_size = chunk
            scope.write("WAV:POIN 2000000;:CURV?")
            data = b""
            while len(data) < 2000010:
                data += scope.read_raw()
            self.assertEqual((len(data), data[:2]), (2000010, b"#7"))
        self.assertIn("Oscilloscope", scope.query("*IDN?"))

    def test_04_large_write(self):
        stored = self.resource("pyvisa")
        data = "".join(chr(32 + number % 90) for number in range(200000))
        stored.write("RECEIVE")
        stored.write(data)
        stored.write("SEND")
        stored.chunk_size = 1 << 20
        self.assertEqual(stored.read(), data)

    def test_05_after_a_timeout(self):
        dmm = self.resource("dmm")
        ask(op="fault_on", instrument="dmm", kind="late", ms=600, count=1)
        dmm.timeout = 200
        with self.assertRaises(pyvisa.VisaIOError):
            dmm.query("*IDN?")
        dmm.timeout = 10000
        self.assertEqual(dmm.query("*OPC?"), "1")

    def test_06_full_speed_without_interrupts(self):
        plain = self.resource("plain")
        self.assertEqual(plain.query("*IDN?"), "A,plain,1,1")

    def test_07_beside_the_kernels_driver(self):
        self.assertEqual(self.resource("bound").query("*IDN?"), "A,bound,1,1")

    def test_08_unplugged(self):
        raw = self.resource("raw")
        self.assertEqual(raw.query("*IDN?"), "A,raw,1,1")
        ask(op="unplug", instrument="raw")
        with self.assertRaises(Exception):
            raw.query("*IDN?")
        old = find(5).address if find(5) else 0
        ask(op="plug", instrument="raw")
        self.assertTrue(eventually(lambda: find(5) is not None and find(5).address != old))
        self.assertEqual(self.resource("raw").query("*IDN?"), "A,raw,1,1")


@unittest.skipIf(usbtmc is None, "this Python has no python-usbtmc")
class PythonUsbtmc(unittest.TestCase):
    """The client of python-usbtmc, which has clear, trigger and the status byte."""

    def client(self, serial):
        device = by_serial(serial)
        client = usbtmc.Instrument(device)
        client.timeout = 10
        self.addCleanup(client.close)
        return client

    def test_1_query_and_clear(self):
        client = self.client("BENCH0002")
        self.assertIn("Virtual Multimeter", client.ask("*IDN?"))
        client.write("*IDN?")
        client.clear()
        self.assertEqual(client.ask("*OPC?"), "1")

    def test_2_status_byte_by_the_request(self):
        client = self.client("QUIET")
        self.assertEqual(client.ask("*OPC?"), "1")
        self.assertEqual(client.read_stb() & MAV, 0)
        client.write("*OPC?")
        self.assertEqual(client.read_stb() & MAV, MAV)
        self.assertEqual(client.read(), "1")

    def test_3_status_byte_by_the_interrupt_endpoint(self):
        client = self.client("BENCH0002")
        client.write("*OPC?")
        self.assertEqual(client.read_stb() & MAV, MAV)
        self.assertEqual(client.read(), "1")

    def test_4_trigger(self):
        client = self.client("BENCH0002")
        client.write("*CLS;:TRIG:SOUR BUS;COUN 1;:INIT")
        client.trigger()
        self.assertEqual(client.ask("DATA:POIN?"), "1")
        self.assertTrue(client.ask("SYST:ERR?").startswith('0,'))

    def test_5_pulse_and_remote(self):
        client = self.client("BENCH0002")
        before = state("dmm")["indicator_pulses"]
        client.pulse()
        self.assertEqual(state("dmm")["indicator_pulses"], before + 1)

    def test_6_abort_after_a_timeout(self):
        client = self.client("BENCH0002")
        self.assertIn("Virtual", client.ask("*IDN?"))
        # This client does not read after an abort, so it needs a device that sends nothing then.
        ask(op="fault_on", instrument="dmm", kind="usb-abort-silent", count=1)
        ask(op="fault_on", instrument="dmm", kind="usb-silence", procedure="request_dev_dep_msg_in", count=1)
        client.timeout = 0.3
        with self.assertRaises(Exception):
            client.ask("*IDN?")
        client.timeout = 10
        self.assertEqual(client.ask("*OPC?"), "1")


class Pyusb(unittest.TestCase):
    """What the other two do not do, by pyusb."""

    def test_0_unplugging_ends_a_read(self):
        # Before other programs run: umockdev tells of hotplug only the last one that listens.
        with Claimed(find(2)) as german:
            ask(op="fault_on", instrument="german", kind="usb-unplug", procedure="request_dev_dep_msg_in", ms=100,
                count=1)
            german.send(1, b"*IDN?\n", attributes=1)
            german.send(2, size=100)
            begun = time.monotonic()
            with self.assertRaises(usb.core.USBError) as caught:
                german.device.read(0x82, 4096, 20000)
            self.assertEqual(caught.exception.errno, 19)
            self.assertLess(time.monotonic() - begun, 10)
            old = german.device.address
            usb.util.dispose_resources(german.device)
            self.assertTrue(eventually(lambda: find(2) is not None and find(2).address != old))
            german.device = find(2)
            usb.util.claim_interface(german.device, 0)
            german.tag = 0
            self.assertEqual(german.query("*OPC?\n"), "1\n")

    def test_1_descriptors_and_strings(self):
        german = find(2)
        self.assertEqual((german.serial_number, german.manufacturer), ("Pr\u00fcfger\u00e4t-\u20ac1", "FreeVISA"))
        self.assertIsNone(find(3).serial_number)
        twins = list(usb.core.find(find_all=True, idVendor=VENDOR, idProduct=4))
        self.assertEqual([one.serial_number for one in twins], ["SAME", "SAME"])
        self.assertNotEqual(twins[0].address, twins[1].address)
        interface = find(8).get_active_configuration()[(0, 0)]
        self.assertEqual(interface.bInterfaceNumber, 3)
        self.assertEqual((interface.bInterfaceClass, interface.bInterfaceSubClass, interface.bInterfaceProtocol,
                          interface.bNumEndpoints), (0xFE, 3, 1, 3))
        self.assertEqual(find(6).get_active_configuration()[(0, 0)][0].wMaxPacketSize, 64)

        with Claimed(find(8), 3) as deep:  # pyvisa-py takes the place of an interface for its number
            self.assertEqual(deep.request(7, 0, 3, 24)[:1], b"\x01")

    def test_2_a_claimed_interface_is_busy_for_others(self):
        probe = ("import usb.core, usb.util\nd = usb.core.find(idVendor=%d, idProduct=2)\n"
                 "try:\n    usb.util.claim_interface(d, 0)\n    print('claimed')\n"
                 "except usb.core.USBError as e:\n    print('error', e.errno)\n" % VENDOR)

        def other():
            return subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60,
                                  check=True).stdout.strip()

        with Claimed(find(2)) as german:
            self.assertEqual(german.query("*OPC?\n"), "1\n")
            self.assertEqual(other(), "error 16")
        self.assertEqual(other(), "claimed")

    def test_3_a_killed_program_holds_nothing(self):
        hold = ("import usb.core, usb.util, time\nd = usb.core.find(idVendor=%d, idProduct=2)\n"
                "usb.util.claim_interface(d, 0)\nd.write(1, bytes([2,1,254,0,9,0,0,0,0,0,0,0]))\n"
                "print('held', flush=True)\ntime.sleep(60)\n" % VENDOR)
        process = subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.assertTrue(select.select([process.stdout], [], [], 60)[0])
        self.assertEqual(process.stdout.readline(), b"held\n")
        process.kill()
        process.wait(20)

        def free():
            clients = ask(op="instruments")["instruments"]
            return all(one["clients"] == 0 for one in clients if one["instrument"] == "german-usb")

        self.assertTrue(eventually(free))
        with Claimed(find(2)) as german:  # its request is still open in the device
            self.assertEqual(german.request(3, 1, 0x82, 2, 0xA2), bytes([1, 1]))
            self.assertEqual(bytes(german.device.read(0x82, 512, 2000)), b"")
            german.tag = 1
            self.assertEqual(german.query("*OPC?\n"), "1\n")

    def test_4_interrupts(self):
        with Claimed(find(2)) as german:
            self.assertEqual(german.query("*CLS;*ESE 1;*SRE 32;*OPC;*OPC?\n"), "1\n")
            packet = bytes(german.device.read(0x83, 64, 5000))
            self.assertEqual((packet[0], packet[1] & RQS), (0x81, RQS))
            self.assertEqual(german.request(128, 2, 0, 3), bytes([1, 2, 0]))
            self.assertEqual(bytes(german.device.read(0x83, 64, 5000))[0], 0x82)
            self.assertEqual(ask(op="notify", instrument="german", text="\u0005\u00ff")["sent"], 1)
            self.assertEqual(bytes(german.device.read(0x83, 64, 5000)), b"\x05\xff")
            with self.assertRaises(usb.core.USBTimeoutError):
                german.device.read(0x83, 64, 100)
            self.assertEqual(german.query("*CLS;*SRE 0;*OPC?\n"), "1\n")

    def test_5_clear_halts_until_the_host_clears(self):
        with Claimed(find(2)) as german:
            self.assertEqual(german.request(5, 0, 0, 1), b"\x01")
            self.assertEqual(german.request(6, 0, 0, 2), b"\x01\x00")
            with self.assertRaises(usb.core.USBError) as caught:
                german.send(1, b"*CLS", attributes=1)
            self.assertEqual(caught.exception.errno, 32)
            german.device.clear_halt(1)
            self.assertEqual(german.query("*OPC?\n"), "1\n")

    def test_6_remote_and_vendor_requests(self):
        with Claimed(find(2)) as german:
            self.assertEqual(german.request(160, 1, 0, 1), b"\x01")
            self.assertEqual(state("german")["ren"], 1)
            self.assertEqual(german.request(162, 0, 0, 1), b"\x01")
            self.assertEqual(german.request(160, 0, 0, 1), b"\x01")
            self.assertEqual(state("german")["lockout"], 0)
            german.device.ctrl_transfer(0x41, 1, 0, 0, b"kept", 2000)
            self.assertEqual(german.request(1, 0, 0, 100, 0xC1), b"kept")
            with self.assertRaises(usb.core.USBError):
                german.request(99, 0, 0, 1, 0xC1)

    def test_7_raw(self):
        with Claimed(find(5), 1) as raw:
            raw.device.write(4, b"*IDN?\n", 2000)
            self.assertEqual(bytes(raw.device.read(0x85, 4096, 2000)), b"A,raw,1,1\n")
            raw.device.write(4, b"*ESE 1;*SRE 32;*OPC\n", 2000)
            self.assertEqual(bytes(raw.device.read(0x86, 64, 5000))[0], 1)

    def test_8_the_kernels_driver(self):
        device = find(7)
        with Claimed(find(2)):
            pass
        usb.util.dispose_resources(device)
        device = find(7)
        if not device.is_kernel_driver_active(0):  # an earlier test has detached it
            device.attach_kernel_driver(0)
        self.assertTrue(device.is_kernel_driver_active(0))
        with self.assertRaises(usb.core.USBError):
            usb.util.claim_interface(device, 0)
        device.detach_kernel_driver(0)
        usb.util.claim_interface(device, 0)
        usb.util.release_interface(device, 0)
        device.attach_kernel_driver(0)
        self.assertTrue(device.is_kernel_driver_active(0))
        usb.util.dispose_resources(device)


class Lsusb(unittest.TestCase):
    """usbutils understands the descriptors."""

    @unittest.skipUnless(shutil.which("lsusb"), "lsusb is missing (Debian, Ubuntu: usbutils)")
    def test_descriptors(self):
        listed = subprocess.run(["lsusb"], capture_output=True, text=True, timeout=60, check=True).stdout
        self.assertEqual(len(listed.splitlines()), len(INSTRUMENTS) + 3)
        told = subprocess.run(["lsusb", "-v", "-d", "%04x:0005" % VENDOR], capture_output=True, text=True, timeout=60,
                              check=True)
        for part in ("iSerial                 3 RAW1", "bInterfaceClass       254", "bInterfaceSubClass      3",
                     "bInterfaceProtocol      1", "bInterfaceClass       255", "EP 2 IN", "EP 6 IN",
                     "wMaxPacketSize     0x0200"):
            self.assertIn(part, told.stdout)
        self.assertNotIn("junk", told.stdout + told.stderr)
        self.assertEqual(told.stderr, "")


def main():
    order = [unittest.defaultTestLoader.loadTestsFromTestCase(one) for one in (PyvisaPy, PythonUsbtmc, Pyusb, Lsusb)]
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(unittest.TestSuite(order))
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - skipped, failed, skipped))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
