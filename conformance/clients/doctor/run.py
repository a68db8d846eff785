# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR PYTHON [--write]

`freevisa doctor` where something is wrong on purpose: a broken configuration, a wrong port, a host that is dead, a
name that means nothing, no permission for a port, the kernel's driver on a USB instrument, several VISA libraries.
Each is found, and what the finding says helps when it is followed. Faults of the system need root and namespaces of
their own; what cannot be prepared here is skipped with its reason. PYTHON has PyVISA. The transcript of
docs/debugging.md is what doctor prints in a made-up system, as a user of it; --write makes it anew.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

import made_up_system

BUILD, PYTHON = (os.path.abspath(one) for one in sys.argv[1:3])
FREEVISA = os.path.join(BUILD, "freevisa")
LIBRARY = os.path.realpath(os.path.join(BUILD, "libvisa.so.1"))
DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "docs", "debugging.md")
WRITE = "--write" in sys.argv
NO_LAN = "[settings]\nlan_discovery = false\n"


def may_unshare(*flags):
    return os.geteuid() == 0 and subprocess.run(["unshare", *flags, "true"], capture_output=True, check=False).returncode == 0


class Doctor(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="freevisa-doctor-")
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        os.chmod(self.folder, 0o755)

    def file(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w", encoding="ascii") as out:
                out.write(text)
        return path

    def run_it(self, command, **environment):
        return subprocess.run([str(one) for one in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, check=False, cwd=self.folder, env=dict(os.environ, **environment))

    def doctor(self, *arguments, before=(), **environment):
        """Exit code and findings."""
        done = self.run_it([*before, FREEVISA, "doctor", "--json", *arguments], **environment)
        findings = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        self.assertTrue(findings, done)
        problems = [one for one in findings if one["level"] == "problem"]
        self.assertEqual(done.returncode, 1 if problems else 0, done)
        return findings

    def only(self, findings, check, level="problem"):
        found = [one for one in findings if one["check"] == check and one["level"] == level]
        self.assertEqual(len(found), 1, findings)
        return found[0]

    def test_01_broken_configuration(self):
        config = self.file("own.toml", NO_LAN + "[[resource]]\nname = \"TCPIP::a\nalias = 1\n")
        found = self.only(self.doctor(FREEVISA_CONFIG=config), "configuration")
        self.assertRegex(found["text"], re.escape(config) + r":4\b")
        self.file("own.toml", NO_LAN + "[[resource]]\nname = \"TCPIP::a::INSTR\"\n")  # the line is mended
        self.only(self.doctor(FREEVISA_CONFIG=config), "configuration", "good")

    def test_02_wrong_port(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # nobody listens there
            wrong = "TCPIP::127.0.0.1::%d::SOCKET" % taken.getsockname()[1]
            script = self.file("script", "%s doctor --json %s > found; cp $FREEVISA_CONFIG own.toml\n"
                               "fix=$(%s -c 'import json;print([json.loads(l)[\"fix\"].split()[1].strip(\",\") for l in "
                               "open(\"found\") if \"instrument\" in l and \"problem\" in l][0])')\n"
                               "exec %s query $fix '*IDN?'\n" % (FREEVISA, wrong, PYTHON, FREEVISA))
            done = self.run_it([FREEVISA, "sim", "dmm", "--", "sh", script])
            with open(self.file("found"), encoding="utf-8") as file:
                found = self.only([json.loads(line) for line in file], "instrument")
        self.assertIn("connection refused", found["text"])
        self.assertRegex(found["fix"], "^use TCPIP0::127.0.0.1::inst0::INSTR, which answers")
        self.assertIn("Virtual Multimeter", done.stdout, done)

    def test_03_instrument_that_answers(self):
        done = self.run_it([FREEVISA, "sim", "dmm", "--", FREEVISA, "doctor", "dmm-hislip"])
        self.assertRegex(done.stdout, "ok .*instrument: TCPIP0::127.0.0.1::hislip0.* answers: FreeVISA,Virtual Multi")

    def test_04_dead_host(self):
        if not may_unshare("--net"):
            self.skipTest("no network namespace may be made here")
        make = ("ip link set lo up && ip link add dead type veth peer name end && ip addr add 192.0.2.1/24 dev dead && "
                "ip link set dead up && ip link set end up && exec \"$@\"")
        before = ["unshare", "--net", "sh", "-c", make, "sh"]
        if self.run_it([*before, "true"]).returncode != 0:
            self.skipTest("no network may be made here")
        found = self.only(self.doctor("TCPIP::192.0.2.7::INSTR", before=before), "instrument")
        self.assertRegex(found["fix"], "nothing at 192.0.2.7 answers: is it on, is the cable in")
        on = ["unshare", "--net", "sh", "-c", make.replace("exec", "ip addr add 192.0.2.7/24 dev dead && exec"), "sh"]
        done = self.run_it([*on, FREEVISA, "sim", "--bind", "192.0.2.7", "--portmapper", "111", "--no-serial", "dmm", "--", FREEVISA,
                            "doctor", "--json", "TCPIP::192.0.2.7::INSTR"])
        after = self.only([json.loads(line) for line in done.stdout.splitlines()], "instrument", "good")
        self.assertIn("Virtual Multimeter", after["text"])

    def test_05_host_without_instrument(self):
        if not may_unshare("--net"):
            self.skipTest("no network namespace may be made here")  # where no other bench listens
        before = ["unshare", "--net", "sh", "-c", "ip link set lo up; exec \"$@\"", "sh"]
        found = self.only(self.doctor("TCPIP::127.0.0.1::9::SOCKET", before=before), "instrument")
        self.assertIn("127.0.0.1 is on, but no instrument answers there", found["fix"])

    def test_06_name_that_means_nothing(self):
        found = self.only(self.doctor("TCPIP::no-such-instrument.invalid::INSTR"), "name")
        self.assertIn("/etc/hosts", found["fix"])
        self.assertIn("VI_ERROR_INV_RSRC_NAME", self.only(self.doctor("nonsense"), "instrument")["text"])

    def test_07_no_permission(self):
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("root and setpriv give another user's view")
        # A port as udev leaves it: of the group dialout, nobody else's.
        port = os.path.join(self.folder, "dmm")
        script = self.file("script", "t=$(readlink -f %s) && chgrp dialout $t && chmod 660 $t && cp $FREEVISA_CONFIG "
                           "own.toml && chmod 644 own.toml && export FREEVISA_CONFIG=$PWD/own.toml USER=ann && "
                           "setpriv --reuid 65534 --regid 65534 --clear-groups %s doctor --json ASRL%s::INSTR > before; "
                           "exec setpriv --reuid 65534 --regid 65534 --groups $(getent group dialout | cut -d: -f3) %s "
                           "doctor --json ASRL%s::INSTR > after\n" % (port, FREEVISA, port, FREEVISA, port))
        self.run_it([FREEVISA, "sim", "--serial-dir", self.folder, "dmm", "--", "sh", script])
        with open(self.file("before"), encoding="utf-8") as file:
            found = self.only([json.loads(line) for line in file], "serial")
        self.assertIn("no permission", found["text"])
        self.assertIn("sudo usermod -aG dialout ann", found["fix"])
        with open(self.file("after"), encoding="utf-8") as file:  # the user is in that group
            after = [json.loads(line) for line in file]
        self.only(after, "serial", "good")
        self.assertIn("Virtual Multimeter", self.only(after, "instrument", "good")["text"])

    def test_08_kernel_driver(self):
        if not shutil.which("umockdev-run"):
            self.skipTest("umockdev is missing")
        self.file("bound.toml", '[instrument]\nname = "bound"\nidentity = "A,bound,1,1"\n[usb]\nkernel_driver = true\n')
        done = self.run_it([FREEVISA, "sim", "--usb", "bound.toml", "--", FREEVISA, "doctor", "--json", "bound-usb"])
        findings = [json.loads(line) for line in done.stdout.splitlines()]
        found = [one for one in findings if one["check"] == "usb" and "driver usbtmc is on it" in one["text"]]
        self.assertEqual(len(found), 1, done)
        self.assertIn("sudo rmmod usbtmc", found[0]["fix"])
        self.assertIn("A,bound,1,1", self.only(findings, "instrument", "good")["text"])

    def test_09_several_libraries(self):
        if not may_unshare("--mount") or not os.path.exists("/etc/ld.so.cache"):
            self.skipTest("no mount namespace may be made here")
        ours, theirs = self.file("ours"), self.file("theirs")
        os.mkdir(ours)
        os.mkdir(theirs)
        shutil.copy(LIBRARY, os.path.join(ours, "libvisa.so.1"))
        source = self.file("theirs.c", 'const char maker[] = "National Instruments";\nint viOpenDefaultRM(int* vi) '
                           '{ *vi = 0; return -1; }\n')
        made = self.run_it(["cc", "-shared", "-fPIC", "-Wl,-soname,libvisa.so.9", "-o", os.path.join(theirs, "libvisa.so.9"),
                            source])
        self.assertEqual(made.returncode, 0, made)
        config = self.file("ld.so.conf", "%s\n%s\ninclude /etc/ld.so.conf\n" % (ours, theirs))
        make = ("/sbin/ldconfig -f %s -C %s/cache && mount --bind %s/cache /etc/ld.so.cache && exec \"$@\""
                % (config, self.folder, self.folder))
        before = ["unshare", "--mount", "sh", "-c", make, "sh"]
        clean = {"HOME": self.folder, "PYVISA_LIBRARY": ""}
        findings = self.doctor(before=before, **clean)
        found = self.only(findings, "pyvisa")
        self.assertIn("libvisa.so.9 (NI)", found["text"])
        self.assertTrue([one for one in findings if one["check"] == "library" and "libvisa.so.9 (NI)" in one["text"]])
        name, value = re.match("export ([A-Z_]+)=(.*)$", found["fix"]).groups()
        self.only(self.doctor(before=before, **{**clean, name: value}), "pyvisa", "good")
        opens = "import pyvisa; print(pyvisa.ResourceManager().visalib.library_path)"
        done = self.run_it([*before, PYTHON, "-c", opens], **{**clean, name: value})
        self.assertEqual(done.stdout.strip(), value, done)
        with open(self.file(".pyvisarc"), "w", encoding="ascii") as file:
            file.write("[Paths]\nvisa library: %s/gone.so\n" % self.folder)
        self.assertIn("does not exist", self.only(self.doctor(before=before, **clean), "pyvisa")["text"])

    def test_10_text_and_exit_codes(self):
        config = self.file("own.toml", NO_LAN)
        done = self.run_it([FREEVISA, "doctor"], FREEVISA_CONFIG=config, HOME=self.folder)
        self.assertNotIn("\x1b", done.stdout)
        self.assertEqual(self.run_it([FREEVISA, "doctor", "a", "b"]).returncode, 2)

    def test_12_fixes_of_a_made_up_system_work_when_followed(self):
        if not may_unshare("--net", "--ipc", "--mount") or not shutil.which("ldconfig", path="/sbin:/usr/sbin") \
                or not shutil.which("ip"):
            self.skipTest("root makes a system with a network of its own")
        root, tools = self.file("root"), self.file("tools")
        os.mkdir(tools)
        made_up_system.make(root, FREEVISA, LIBRARY)
        made_up_system.write(root, "/dev/gpib1", mode=0o600)
        with open(root + "/home/anna/lab.toml", "a", encoding="ascii") as file:
            file.write("[[interface]]\nname = \"GPIB1\"\nadapter = \"kernel://1\"\n")

        def look(*before):
            done = subprocess.run(made_up_system.command(root, [*before, "freevisa", "doctor", "--json"]), capture_output=True,
                                  text=True, stdin=subprocess.DEVNULL, timeout=60, check=False, env=made_up_system.ENVIRONMENT)
            self.assertEqual((done.returncode, done.stderr), (1, ""), done)
            return [json.loads(line) for line in done.stdout.splitlines()]
        followed = set()
        for _ in range(3):  # a fix may show what it was in front of
            for one in look():
                fix = one.get("fix", "")
                if fix.startswith("take measat_releaseX1.8.hex from"):
                    made_up_system.write(root, re.search("put it into (\\S+)", fix).group(1) + "measat_releaseX1.8.hex")
                elif "sudo " in fix and one["check"] in ("usb", "serial", "gpib"):
                    done = made_up_system.follow(root, fix, tools)
                    self.assertEqual((done.returncode, done.stderr), (0, ""), (one, done))
                    followed.add(re.split("[;:(]", one["text"])[0])
        self.assertEqual(len(followed), 5, followed)  # instrument, ModemManager, both adapters, the kernel's board
        after = look()
        self.assertEqual([one for one in after if "driver usbtmc is on it" in one["text"] or "ModemManager" in one["text"]], [])
        for text in ("DSO-X 3034T MY57450000: /dev/bus/usb/001/005 may be used", "01A2B3C4): /dev/bus/usb/001/006 may be used",
                     "/dev/bus/usb/001/007 may be used; the first viOpen gives it /usr/share/usb/", "/dev/gpib1 may be used"):
            self.assertEqual([one["level"] for one in after if text in one["text"]], ["good"], (text, after))
        # What is left: the adapter in the network, which somebody has to switch on, and a board that is none.
        problems = [one for one in after if one["level"] == "problem"]
        self.assertEqual([one["text"].split(" ")[0] for one in problems], ["GPIB0", "GPIB1"], problems)
        self.assertIn("is it on and in the network", problems[0]["fix"])
        shutil.copy(shutil.which("env"), root + "/usr/bin/env")
        on = look("freevisa", "sim", "--no-vxi11", "--no-hislip", "--no-serial", "--gpib", "prologix", "--gpib-port", "1234", "dmm", "--",
                  "/usr/bin/env", "FREEVISA_CONFIG=/home/anna/lab.toml")
        self.assertEqual([one["level"] for one in on if one["text"] == "GPIB0 (prologix://127.0.0.1) can be opened"], ["good"], on)

    def test_13_adapter_at_usb_under_a_wrong_name(self):
        if not shutil.which("umockdev-run"):
            self.skipTest("umockdev is missing")
        # The finding about the adapter itself has the serial number that is wanted.
        script = self.file("script", "board() { cat $bench; printf '[[interface]]\\nname = \"GPIB0\"\\nadapter = \"usb://%%s\"\\n' $1; }\n"
                           "bench=$FREEVISA_CONFIG FREEVISA_CONFIG=$PWD/own.toml; board no-such-number > own.toml\n"
                           "%s doctor --json > before; number=$(sed -n 's/.*GPIB-USB-HS \\([0-9A-F]*\\)): .*may be used.*/\\1/p' before)\n"
                           "board $number > own.toml; exec %s doctor --json > after\n" % (FREEVISA, FREEVISA))
        done = self.run_it([FREEVISA, "sim", "--dongle", "ni-hs", "--no-vxi11", "--no-hislip", "--no-serial", "dmm", "--", "sh", script])
        findings = {}
        for name in ("before", "after"):
            with open(self.file(name), encoding="utf-8") as file:
                findings[name] = [one for one in map(json.loads, file) if one["text"].startswith("GPIB0 (usb://")]
        self.assertEqual([one["level"] for one in findings["before"]], ["problem"], (findings, done))
        fix = findings["before"][0]["fix"]
        self.assertIn("'usb://' followed by its serial number or USB port?", fix)
        self.assertRegex(fix, "own.toml, line [0-9]+$")  # where it is mended
        self.assertEqual([one["level"] for one in findings["after"]], ["good"], (findings, done))

    def test_14_configuration_that_may_not_be_read(self):
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("root and setpriv give another user's view")
        config = self.file("own.toml", NO_LAN)
        os.chmod(config, 0o600)
        user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        found = self.only(self.doctor(before=user, FREEVISA_CONFIG=config), "configuration")
        self.assertIn("own.toml: cannot be read: Permission denied", found["text"])
        self.assertRegex(found["fix"], r"^let its owner make it readable \(chmod \+r\)")
        told = self.run_it([*user, FREEVISA, "config", "get", "settings.lan_discovery"], FREEVISA_CONFIG=config).stderr
        self.assertIn("cannot read %s: Permission denied" % config, told)
        os.chmod(config, 0o644)
        self.only(self.doctor(before=user, FREEVISA_CONFIG=config), "configuration", "good")
        os.remove(config)
        found = self.only(self.doctor(FREEVISA_CONFIG=config), "configuration")
        self.assertIn("unset FREEVISA_CONFIG", found["fix"])

    def test_11_transcript_of_a_made_up_system(self):
        if not may_unshare("--net", "--ipc", "--mount") or not shutil.which("ldconfig", path="/sbin:/usr/sbin") \
                or not shutil.which("ip"):
            self.skipTest("root makes a system with a network of its own")
        root = self.file("root")
        made_up_system.make(root, FREEVISA, LIBRARY)
        with open(DOCUMENT, encoding="utf-8") as file:
            text = file.read()

        def printed(found):
            done = subprocess.run(made_up_system.command(root, found.group(1).split()), capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=60, check=False, env=made_up_system.ENVIRONMENT)
            self.assertEqual((done.returncode, done.stderr), (1, ""), done)
            return "```console\n$ %s\n%s```\n" % (found.group(1), done.stdout)
        made = re.sub(r"```console\n\$ (freevisa doctor.*)\n(?:(?!```).*\n)*```\n", printed, text)
        if WRITE:
            with open(DOCUMENT, "w", encoding="utf-8") as file:
                file.write(made)
        self.assertIn("```console\n$ freevisa doctor\n  ok ", made)
        self.maxDiff = None
        self.assertEqual(text if not WRITE else made, made)


if subprocess.run([PYTHON, "-c", "import pyvisa"], capture_output=True, check=False).returncode != 0:
    print("skipped: %s has no PyVISA" % PYTHON)
    sys.exit(77)
unittest.main(argv=sys.argv[:1] + [one for one in sys.argv[3:] if one != "--write"], verbosity=2)
