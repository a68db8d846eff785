# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR KERNEL_DIR PYTHON [FREEVISA]

A virtual machine of QEMU with Debian's kernel, in which two USB devices of the bench and two USB adapters of a GPIB bus
hang on a real xHCI driver, and two serial ports have real drivers (8250, ftdi_sio). The kernel's own usbtmc, pyvisa-py and pyusb use the one USB device;
with FREEVISA, the command beside a libvisa that has the drivers, libvisa uses all of them. The devices themselves are
served by this computer (machine.py). KERNEL_DIR is what kernel.sh made, PYTHON has pyvisa-py and pyusb; PyVISA's own
tests run with Debian's PyVISA and pytest. The last line is `N passed, N failed, N skipped`.
"""
import os
import shutil
import sys
import tempfile

import machine

HERE = os.path.dirname(os.path.abspath(__file__))
DEBIAN = "/usr/bin/python3"


def skip(reason):
    print("skipped: " + reason)
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(0)


def firmware():
    """What the bench's 82357B takes for firmware, as Intel HEX."""
    records = [bytes([16, address >> 8, address & 255, 0]) + bytes(range(16)) for address in range(0, 512, 16)]
    return "".join(":%s%02X\n" % (one.hex().upper(), -sum(one) & 255) for one in [*records, bytes([0, 0, 0, 1])])


def prepare(out, build, python, freevisa):
    """The script of the machine's first process and what it runs."""
    for name in ("client.py", "visa_client.py", "serial_client.py", "gpib_client.py",
                 "dongle_client.py"):
        shutil.copy(os.path.join(HERE, name), out)
    with open(os.path.join(out, "firmware.hex"), "w", encoding="ascii") as file:
        file.write(firmware())
    board = os.path.join(build, "conformance", "guest", "gpib_board")
    with open(os.path.join(HERE, "in_guest.sh"), encoding="ascii") as source, \
            open(os.path.join(out, "script"), "w", encoding="ascii") as script:
        script.write("PYTHON=%s\nFREEVISA=%s\nGPIB=%s\nDEBIAN=%s\nBUILD=%s\nPYVISA_TESTS=%s\n"
                     % (python, freevisa, board if freevisa and os.path.exists(board) else "", DEBIAN, build,
                        os.path.join(HERE, "..", "clients", "pyvisa")) + source.read())


def text(out, name):
    try:
        with open(os.path.join(out, name), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def main():
    build, kernel, python = (os.path.abspath(one) for one in sys.argv[1:4])
    freevisa = os.path.abspath(sys.argv[4]) if len(sys.argv) > 4 else ""
    if not shutil.which("qemu-system-x86_64"):
        skip("qemu-system-x86_64 is missing (Debian, Ubuntu: qemu-system-x86)")
    if not os.path.exists(os.path.join(build, "conformance", "guest", "usb_redirection")):
        skip("usb_redirection was not built (Debian, Ubuntu: libusbredirparser-dev)")
    # The guest hides /run and /dev/shm of this computer.
    with tempfile.TemporaryDirectory(dir=os.environ.get("GUEST_TMP", "/var/tmp")) as out:
        prepare(out, build, python, freevisa)
        machine.run(build, kernel, out)
        said, code = text(out, "output"), text(out, "code").strip()
        print(said, end="")
        lines = said.splitlines()
        passed = sum(line.startswith("ok ") for line in lines)
        failed = sum(line.startswith("failed ") for line in lines)
        skipped = sum(line.startswith("skipped ") for line in lines)
        if code != "0" or passed == 0:
            failed += 1
            print("the script in the virtual machine ended with %r; its console:" % code)
            print(text(out, "console")[-2000:])
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
