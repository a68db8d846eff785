# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR KERNEL_DIR PYTHON [FREEVISA]

A virtual machine of QEMU with Debian's kernel, in which the bench's USB device hangs on a real xHCI driver: the kernel's
own usbtmc, pyvisa-py and pyusb use it, and the command FREEVISA where the library has the driver. The device itself is
served by this computer (usb_redirection). KERNEL_DIR is what kernel.sh made, PYTHON has pyvisa-py and pyusb. The last
line is `N passed, N failed, N skipped`.
"""
import os
import select
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 150
INSTRUMENT = """[instrument]
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
serial = "GUEST1"
"""


def skip(reason):
    print("skipped: " + reason)
    print("0 passed, 0 failed, 1 skipped")
    sys.exit(0)


def qemu(kernel, out, usb):
    with open(os.path.join(kernel, "release"), encoding="ascii") as file:
        release = file.read().strip()
    files = "security_model=none"
    # Never KVM: a computer that is a guest itself may have a /dev/kvm that hangs.
    return ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-machine", "q35", "-m", "512",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio",
            "-kernel", "%s/root/boot/vmlinuz-%s" % (kernel, release), "-initrd", kernel + "/first.cpio",
            "-append", "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable guest.out=%s guest.kernel=%s/root"
            % (out, kernel),
            "-fsdev", "local,id=root,path=/,%s,readonly=on,multidevs=remap" % files,
            "-device", "virtio-9p-pci,fsdev=root,mount_tag=hostroot",
            "-fsdev", "local,id=out,path=%s,%s" % (out, files),
            "-device", "virtio-9p-pci,fsdev=out,mount_tag=hostout",
            "-device", "qemu-xhci", "-chardev", "socket,id=usb,path=" + usb, "-device", "usb-redir,chardev=usb"]


def run(build, kernel, python, freevisa, out):
    instrument, usb = os.path.join(out, "guest.toml"), os.path.join(out, "usb")
    with open(instrument, "w", encoding="ascii") as file:
        file.write(INSTRUMENT)
    shutil.copy(os.path.join(HERE, "client.py"), out)
    with open(os.path.join(HERE, "in_guest.sh"), encoding="ascii") as source, \
            open(os.path.join(out, "script"), "w", encoding="ascii") as script:
        script.write("PYTHON=%s\nFREEVISA=%s\n" % (python, freevisa) + source.read())
    server = subprocess.Popen([os.path.join(build, "conformance", "guest", "usb_redirection"), usb,
                               "unix:" + os.path.join(out, "control"), instrument],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        if not select.select([server.stdout], [], [], 30)[0] or server.stdout.readline() != b"ready\n":
            sys.exit("usb_redirection did not begin to serve")
        with open(os.path.join(out, "console"), "w", encoding="ascii") as console:
            subprocess.run(qemu(kernel, out, usb), stdin=subprocess.DEVNULL, stdout=console,
                           stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        print("the virtual machine did not end within %d s" % LIMIT)
    finally:
        server.kill()
        server.wait(20)
        server.stdout.close()


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
        run(build, kernel, python, freevisa, out)
        said, code = text(out, "output"), text(out, "code").strip()
        print(said, end="")
        lines = said.splitlines()
        passed = sum(line.startswith("ok ") for line in lines)
        failed = sum(line.startswith("failed ") for line in lines)
        if code != "0" or passed == 0:
            failed += 1
            print("the script in the virtual machine ended with %r; its console:" % code)
            print(text(out, "console")[-2000:])
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
