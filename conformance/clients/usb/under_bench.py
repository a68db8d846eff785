# SPDX-License-Identifier: MIT
"""For run.py: the bench with a program that runs under umockdev, its control socket, and a device as pyusb has it."""
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

try:
    import usb.core
    import usb.util
except ImportError:
    usb = None  # run.py says so, where it needs them

UNDER_BENCH = "FREEVISA_CLIENTS_USB_CONTROL"
PRELOAD = "libumockdev-preload.so.0"
VENDOR = 0x1209

INSTRUMENTS = {
    "german": '[usb]\nserial = "Pr\u00fcfger\u00e4t-\u20ac1"\nproduct = 2\n',
    "nameless": '[usb]\nserial = ""\nproduct = 3\n',
    "twin": '[usb]\nserial = "SAME"\nproduct = 4\n',
    "other_twin": '[usb]\nserial = "SAME"\nproduct = 4\n',
    "raw": '[usb]\nserial = "RAW1"\nproduct = 5\nraw = true\n',
    "plain": '[usb]\nserial = "PLAIN"\nproduct = 6\nusb488 = false\ninterrupt = false\nspeed = "full"\n',
    "bound": '[usb]\nserial = "BOUND"\nproduct = 7\nkernel_driver = true\n',
    "deep": '[usb]\nserial = "DEEP"\nproduct = 8\ninterface = 3\n',
    "quiet": '[usb]\nserial = "QUIET"\nproduct = 9\ninterrupt = false\n',
}


def skip_all(reason):
    print("skipped: %s" % reason)
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(77)


def bench_command(folder, build):
    files = []
    for name, usb in INSTRUMENTS.items():
        file = os.path.join(folder, name + ".toml")
        with open(file, "w", encoding="utf-8") as out:
            out.write('[instrument]\nname = "%s"\nidentity = "A,%s,1,1"\n%s' % (name, name, usb))
        files.append(file)
    return [os.path.join(build, "freevisa"), "sim", "--usb", "--no-vxi11", "--no-hislip", "--control",
            "unix:" + os.path.join(folder, "control"), "--log", os.path.join(folder, "log"), "pyvisa", "dmm",
            "scope", *files]


def start(program, build):
    """Runs this program again as the PROGRAM of the bench."""
    try:
        ctypes.CDLL(PRELOAD)
    except OSError:
        skip_all("%s is missing (Debian, Ubuntu: umockdev)" % PRELOAD)
    python = sys.argv[2] if len(sys.argv) > 2 else sys.executable
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ)
        environment[UNDER_BENCH] = os.path.join(folder, "control")
        command = [*bench_command(folder, build), "--", python, os.path.abspath(program), build]
        # A group of its own: what is left after the time limit ends with it.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, start_new_session=True)
        try:
            code = process.wait(240)
        except subprocess.TimeoutExpired:
            print("the time limit of 240 s is over")
            code = 1
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    sys.exit(code)


def ask(**request):
    """One request to the control socket of the bench."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.connect(os.environ[UNDER_BENCH])
        line.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(line.makefile().readline())
    if not answer["ok"]:
        raise RuntimeError(answer["error"])
    return answer


def state(instrument):
    return ask(op="state", instrument=instrument)["state"][0]


def eventually(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
    return True


def find(product):
    return usb.core.find(idVendor=VENDOR, idProduct=product)


def by_serial(serial):
    return usb.core.find(idVendor=VENDOR, custom_match=lambda one: one.serial_number == serial)


class Claimed:
    """An interface of a device, as pyusb has it."""

    def __init__(self, device, interface=0):
        self.device, self.interface = device, interface
        self.tag = 0

    def __enter__(self):
        usb.util.claim_interface(self.device, self.interface)
        return self

    def __exit__(self, *_):
        usb.util.release_interface(self.device, self.interface)
        usb.util.dispose_resources(self.device)

    def send(self, kind, data=b"", size=None, attributes=0):
        self.tag = self.tag % 255 + 1
        length = len(data) if size is None else size
        header = bytes([kind, self.tag, 255 - self.tag, 0]) + length.to_bytes(4, "little")
        message = header + bytes([attributes, 0, 0, 0]) + data + bytes(-len(data) % 4)
        return self.device.write(1, message, 2000)

    def query(self, text, size=1000):
        self.send(1, text.encode(), attributes=1)
        self.send(2, size=size)
        return bytes(self.device.read(0x82, 4096, 2000))[12:].decode()

    def request(self, code, value, index, length, kind=0xA1):
        return bytes(self.device.ctrl_transfer(kind, code, value, index, length, 2000))
