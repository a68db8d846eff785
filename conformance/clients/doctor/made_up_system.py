# SPDX-License-Identifier: MIT
"""A computer in a folder, for `freevisa doctor`: the command and what it is linked with, and files as /sys, /dev, /proc
and /etc have them. Whoever runs something there has it as root folder, as a user without rights, without a network."""
import os
import re
import shutil
import subprocess

USER, GROUPS = 1000, 20  # 20: dialout, which owns serial ports
FILES = {
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n",
    "/etc/group": "root:x:0:\ndialout:x:20:anna\nanna:x:1000:\n",
    "/etc/ufw/ufw.conf": "ENABLED=yes\n",
    "/home/anna/lab.toml": "[settings]\nlan_discovery = false\n\n[[interface]]\nname = \"GPIB0\"\n"
                           "adapter = \"prologix://127.0.0.1\"\n",
    "/proc/812/comm": "ModemManager\n",
    "/sys/class/tty/ttyUSB0/dev": "188:0\n",
}
# An oscilloscope, and two GPIB adapters of which one waits for its firmware.
DEVICES = (("1-2", "2a8d", "1766", 5, "fe", "03", "KEYSIGHT TECHNOLOGIES", "DSO-X 3034T", "MY57450000"),
           ("1-3", "3923", "709b", 6, "ff", "ff", "National Instruments", "GPIB-USB-HS", "01A2B3C4"),
           ("1-4", "0957", "0518", 7, "ff", "ff", "", "", ""))


ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/home/anna", "USER": "anna", "LC_ALL": "C",
               "FREEVISA_CONFIG": "/home/anna/lab.toml"}


def libraries_of(program):
    """What the loader takes for it, by absolute paths."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(?:=> |^\t)(/\S+)", told, re.MULTILINE))


def write(root, path, text="", mode=0o644, group=0):
    path = root + path
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, mode)
    os.chown(path, 0, group)


def plug(root, place, vendor, product, number, kind, subkind, *names):
    device = "/sys/bus/usb/devices/" + place
    for name, text in (("idVendor", vendor), ("idProduct", product), ("busnum", "1"), ("devnum", str(number)),
                       *zip(("manufacturer", "product", "serial"), names)):
        if text:
            write(root, "%s/%s" % (device, name), text + "\n")
    write(root, device + ":1.0/bInterfaceClass", kind + "\n")
    write(root, device + ":1.0/bInterfaceSubClass", subkind + "\n")
    write(root, "/dev/bus/usb/001/%03d" % number, mode=0o600)


def make(root, freevisa, library):
    os.makedirs(root + "/usr/bin")
    os.makedirs(root + "/usr/lib")
    shutil.copy(freevisa, root + "/usr/bin/freevisa")
    shutil.copy(library, root + "/usr/lib/libvisa.so.1")
    for path in libraries_of(freevisa) | libraries_of(library):
        if os.path.basename(path) != "libvisa.so.1":
            os.makedirs(root + os.path.dirname(path), exist_ok=True)
            shutil.copy(path, root + path)
    for path, text in FILES.items():
        write(root, path, text)
    for device in DEVICES:
        plug(root, *device)
    write(root, "/dev/ttyUSB0", mode=0o660, group=GROUPS)
    os.symlink("../../drivers/usbtmc", root + "/sys/bus/usb/devices/1-2:1.0/driver")
    for folder, mode in (("/run/lock/freevisa", 0o2770), ("/tmp", 0o1777), ("/home/anna", 0o755)):
        os.makedirs(root + folder, exist_ok=True)
        os.chown(root + folder, 0, GROUPS)
        os.chmod(root + folder, mode)
    subprocess.run(["ldconfig", "-r", root, "-X"], env=ENVIRONMENT, check=True, capture_output=True)


def command(root, arguments):
    """`arguments` in it, on a computer of its own: no network but itself, and no shared memory of others."""
    inside = ("ip link set lo up && exec chroot --userspec=%d:%d --groups=%d \"$@\"" % (USER, USER, GROUPS))
    return ["unshare", "--net", "--ipc", "sh", "-c", inside, "sh", root, "/usr/bin/" + arguments[0], *arguments[1:]]
