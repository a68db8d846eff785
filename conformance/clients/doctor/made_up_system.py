# SPDX-License-Identifier: MIT
"""A computer in a folder, for `freevisa doctor`: the command and what it is linked with, and files as /sys, /dev, /proc
and /etc have them. Whoever runs something there has it as root folder, as a user without rights, without a network.

Its administrator can follow what doctor says: follow() runs the commands of a fix by a real shell with the made-up /etc in
place, and with programs that change the made-up system as the real ones would a real one (udevadm, usermod, rmmod ...).
By itself the file is such a program: made_up_system.py ROOT NAME ARGUMENT..."""
import fnmatch
import glob
import os
import re
import shutil
import stat
import subprocess
import sys

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
    for folder in ("/etc/udev/rules.d", "/etc/modprobe.d", "/usr/share/usb/agilent_82357a"):
        os.makedirs(root + folder)
    for folder, mode in (("/run/lock/freevisa", 0o2770), ("/tmp", 0o1777), ("/home/anna", 0o755)):
        os.makedirs(root + folder, exist_ok=True)
        os.chown(root + folder, 0, GROUPS)
        os.chmod(root + folder, mode)
    subprocess.run(["ldconfig", "-r", root, "-X"], env=ENVIRONMENT, check=True, capture_output=True)


def groups(root):
    """Of each group its number and its members."""
    with open(root + "/etc/group", encoding="ascii") as file:
        rows = [line.rstrip("\n").split(":") for line in file]
    return {row[0]: (int(row[2]), [one for one in row[3].split(",") if one]) for row in rows}


def command(root, arguments):
    """`arguments` in it, on a computer of its own: no network but itself, and no shared memory of others."""
    own = ",".join(str(number) for number, members in groups(root).values() if "anna" in members)
    inside = "ip link set lo up && exec chroot --userspec=%d:%d --groups=%s \"$@\"" % (USER, USER, own)
    return ["unshare", "--net", "--ipc", "sh", "-c", inside, "sh", root, "/usr/bin/" + arguments[0], *arguments[1:]]


def write_groups(root, rows):
    with open(root + "/etc/group", "w", encoding="ascii") as file:
        for name, (number, members) in rows.items():
            file.write("%s:x:%d:%s\n" % (name, number, ",".join(members)))


def groupadd(root, *words):
    """-f: one that is there already is no failure."""
    rows = groups(root)
    if words[-1] in rows and "-f" not in words:
        sys.exit("groupadd: group '%s' already exists" % words[-1])
    write_groups(root, {words[-1]: (998, []), **rows})


def usermod(root, option, name, user):
    rows = groups(root)
    if option != "-aG" or name not in rows or user != "anna":
        sys.exit("usermod: group '%s' or user '%s' does not exist" % (name, user))
    rows[name][1].append(user)
    write_groups(root, rows)


def rmmod(root, module):
    bound = [link for link in glob.glob(root + "/sys/bus/usb/devices/*/driver") if os.readlink(link).endswith("/" + module)]
    if not bound:
        sys.exit("rmmod: ERROR: Module %s is not currently loaded" % module)
    for link in bound:
        os.unlink(link)


def systemctl(root, *words):
    if words[:2] != ("disable", "--now"):
        sys.exit("systemctl: " + " ".join(words))
    for comm in glob.glob(root + "/proc/[0-9]*/comm"):
        with open(comm, encoding="ascii") as file:
            running = file.read().strip()
        if running == words[2]:
            shutil.rmtree(os.path.dirname(comm))


def content(path):
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def devices(root, subsystem):
    """Of each device what rules ask for, and its node."""
    if subsystem == "gpib_common":
        return [({"SUBSYSTEM": subsystem}, node) for node in glob.glob(root + "/dev/gpib*")]
    found = []
    for device in glob.glob(root + "/sys/bus/usb/devices/*"):
        if ":" in os.path.basename(device):
            continue
        interfaces = ":" + "".join(content(one + "/bInterfaceClass") + content(one + "/bInterfaceSubClass") + "01:"
                                   for one in glob.glob(device + ":*"))
        facts = {"SUBSYSTEM": "usb", "ENV{DEVTYPE}": "usb_device", "ENV{ID_USB_INTERFACES}": interfaces}
        facts.update(("ATTR{%s}" % name, content(device + "/" + name)) for name in ("idVendor", "idProduct"))
        found.append((facts, "%s/dev/bus/usb/%03d/%03d" % (root, int(content(device + "/busnum")), int(content(device + "/devnum")))))
    return found


def apply_rule(root, line, facts, node):
    for key, operator, value in re.findall(r'([A-Z]+(?:\{\w+\})?)(==|\+=|=)"([^"]*)"', line):
        if operator == "==" and not fnmatch.fnmatchcase(facts.get(key, ""), value):
            return
        if key == "GROUP" and operator == "=":
            os.chown(node, 0, groups(root)[value][0])
        elif key == "MODE" and operator == "=":
            os.chmod(node, int(value, 8))


def udevadm(root, *words):
    """`trigger` does as udev would with the rules, whose lines are as those of doctor's fixes."""
    if words == ("control", "--reload"):
        return
    subsystem = re.fullmatch(r"trigger --subsystem-match=(usb|gpib_common)", " ".join(words)).group(1)
    for file in sorted(glob.glob(root + "/etc/udev/rules.d/*.rules")):
        for line in content(file).split("\n"):
            for facts, node in devices(root, subsystem):
                apply_rule(root, line, facts, node)


PROGRAMS = {one.__name__: one for one in (groupadd, usermod, rmmod, systemctl, udevadm)}


def follow(root, fix, folder):
    """Runs the commands of `fix`; `folder` is for the administrator's programs."""
    for name in PROGRAMS:
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nexec %s %s %s %s \"$@\"\n" % (sys.executable, os.path.abspath(__file__), root, name))
    with open(os.path.join(folder, "sudo"), "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nexec \"$@\"\n")
    for name in (*PROGRAMS, "sudo"):
        os.chmod(os.path.join(folder, name), stat.S_IRWXU)
    fix = re.sub(r"^to keep it away: |, then log in anew.*$", "", fix)
    inside = "mount --bind %s/etc /etc && exec sh -ec \"$1\"" % root
    return subprocess.run(["unshare", "--mount", "sh", "-c", inside, "sh", fix], capture_output=True, text=True, timeout=60,
                          check=False, env=dict(ENVIRONMENT, PATH=folder + ":" + os.environ["PATH"]))


if __name__ == "__main__":
    PROGRAMS[sys.argv[2]](sys.argv[1], *sys.argv[3:])
