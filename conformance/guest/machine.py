# SPDX-License-Identifier: MIT
"""The virtual machine and what hangs on it: two USB devices of the bench and two USB adapters of a GPIB bus, and two serial
lines with an instrument each.

The instrument on the 8250's line also takes orders of the script in the machine, because nobody else can pull a plug
there: a line `ORDER ...` is carried out and then answered with `done`.
"""
import json
import os
import select
import socket
import subprocess
import threading

LIMIT = 1500
IDENTITY = b"A,line,1,1\n"
GUEST = """[instrument]
name = "guest"
identity = "A,guest,1,1"

[[property]]
name = "text"
type = "string"
header = "TEXT"
longest = 65536

[[record]]
query = "CURVe?"
points = 1000000
start = 0
interval = 1

[[record.signal]]
shape = "ramp"
amplitude = 1
frequency = 0.001

[[record.encoding]]
type = "int8"
step = 0.01

[usb]
product = 2
serial = "GUEST1"
"""
# What PyVISA's own tests are written against; its name is that of conformance/clients/pyvisa/usb_mixins.
PYVISA = """[instrument]
kind = "pyvisa-test"
name = "pyvisa"

[usb]
serial = "BENCH0001"
"""


# On the bus of each adapter, at the address 1.
GPIB = """[instrument]
name = "gpib"
identity = "A,gpib,1,1"
"""


class UsbDevice:
    """A device of the bench, as a process that QEMU's usb-redir connects to."""

    def __init__(self, build, out, name, description, kind=None):
        self.kind = kind
        self.socket = os.path.join(out, name + ".usb")
        self.file = os.path.join(out, name + ".toml")
        self.program = os.path.join(build, "conformance", "guest", "usb_redirection")
        self.control = "unix:" + os.path.join(out, name + ".control")
        with open(self.file, "w", encoding="ascii") as file:
            file.write(description)
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.program, self.socket, self.control, self.file,
                                         *([self.kind] if self.kind else [])], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE)
        if not select.select([self.process.stdout], [], [], 30)[0] or self.process.stdout.readline() != b"ready\n":
            raise RuntimeError("usb_redirection did not begin to serve")

    def end(self):
        self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()


class Qmp:
    """QEMU's control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.lines = self.socket.makefile()
        self.lines.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = json.loads(self.lines.readline())
            if "return" in answer:
                return
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])

    def await_event(self, name):
        while json.loads(self.lines.readline()).get("event") != name:
            pass


class Line:
    """An instrument on a serial line: answers *IDN?, sends other lines back, carries out orders."""

    def __init__(self, path, orders):
        self.orders = orders
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(1)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    connection.sendall(self.answer(line))

    def answer(self, line):
        if line == b"*IDN?\n":
            return IDENTITY
        if not line.startswith(b"ORDER "):
            return line
        try:
            self.orders(*line.decode("ascii").split()[1:])
            return b"done\n"
        except Exception as error:
            return ("failed: %r\n" % error).encode("ascii", "replace")


class Orders:
    """What the script in the machine can have done."""

    def __init__(self, out, guest):
        self.out, self.guest, self.qmp = out, guest, None

    def __call__(self, what, *more):
        self.qmp = self.qmp or Qmp(os.path.join(self.out, "qmp"))
        getattr(self, what)(*more)

    def later(self, seconds, *order):
        """After the answer to this order, while the machine waits for something else."""
        threading.Timer(float(seconds), self, order).start()

    def brk(self, chardev):
        self.qmp.ask("chardev-send-break", id=chardev)

    def unplug(self, device):
        self.qmp.ask("device_del", id=device)

    def plug_ftdi(self):
        self.qmp.ask("device_add", driver="usb-serial", chardev="ftdi", id="ftdi", bus="xhci.0")

    def plug_guest(self):
        """usb-redir took its chardev with it, so it connects anew, to another process."""
        self.guest.end()
        self.guest.start()
        address = {"type": "unix", "data": {"path": self.guest.socket}}
        self.qmp.ask("chardev-add", id="guest",
                     backend={"type": "socket", "data": {"addr": address, "server": False}})
        self.qmp.ask("device_add", driver="usb-redir", chardev="guest", id="guest", bus="xhci.0")


def bench_port(build):
    """The PyVISA instrument on a socket: process and port."""
    process = subprocess.Popen([os.path.join(build, "freevisa"), "sim", "--port", "0", "--no-vxi11", "--no-hislip",
                                "--no-serial", "pyvisa"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    name = process.stdout.readline().strip()
    for line in process.stdout:
        if line.strip() == "ready":
            break
    return process, int(name.split("::")[2])


def qemu(kernel, out, guest, pyvisa, dongles, port):
    with open(os.path.join(kernel, "release"), encoding="ascii") as file:
        release = file.read().strip()
    files = "security_model=none"
    # Never KVM: a computer that is a guest itself may have a /dev/kvm that hangs.
    return ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-machine", "q35",
            "-m", "512", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio",
            "-kernel", "%s/root/boot/vmlinuz-%s" % (kernel, release), "-initrd", kernel + "/first.cpio",
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable 8250.nr_uarts=8 guest.out=%s "
                       "guest.kernel=%s/root" % (out, kernel),
            "-qmp", "unix:%s/qmp,server=on,wait=off" % out,
            "-fsdev", "local,id=root,path=/,%s,readonly=on,multidevs=remap" % files,
            "-device", "virtio-9p-pci,fsdev=root,mount_tag=hostroot",
            "-fsdev", "local,id=out,path=%s,%s" % (out, files),
            "-device", "virtio-9p-pci,fsdev=out,mount_tag=hostout",
            "-device", "qemu-xhci,id=xhci,p2=8,p3=8",
            "-chardev", "socket,id=guest,path=" + guest.socket, "-device", "usb-redir,chardev=guest,id=guest,bus=xhci.0",
            "-chardev", "socket,id=pyvisa,path=" + pyvisa.socket, "-device", "usb-redir,chardev=pyvisa,bus=xhci.0",
            *(word for one in dongles for word in (
                "-chardev", "socket,id=dongle-%s,path=%s" % (one.kind, one.socket),
                "-device", "usb-redir,chardev=dongle-%s,bus=xhci.0" % one.kind)),
            "-chardev", "socket,id=line,path=%s/line" % out, "-device", "pci-serial,chardev=line",
            "-chardev", "socket,id=ftdi,host=127.0.0.1,port=%d" % port,
            "-device", "usb-serial,chardev=ftdi,id=ftdi,bus=xhci.0"]


def run(build, kernel, out):
    guest, pyvisa = UsbDevice(build, out, "guest", GUEST), UsbDevice(build, out, "pyvisa", PYVISA)
    dongles = [UsbDevice(build, out, kind, GPIB, kind) for kind in ("ni-hs", "82357b")]
    bench, port = bench_port(build)
    Line(os.path.join(out, "line"), Orders(out, guest))
    try:
        with open(os.path.join(out, "console"), "w", encoding="ascii") as console:
            subprocess.run(qemu(kernel, out, guest, pyvisa, dongles, port), stdin=subprocess.DEVNULL, stdout=console,
                           stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        print("the virtual machine did not end within %d s" % LIMIT)
    finally:
        for one in (guest, pyvisa, *dongles):
            one.end()
        bench.terminate()
        bench.wait(20)
        bench.stdout.close()
