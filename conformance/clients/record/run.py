# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR PYTHON COMPILER

`freevisa record` and `freevisa trace` with programs as users have them: PyVISA over every wire of the bench, and the
C programs of ../c as drivers are written. A program is recorded at the bench and runs again with what was recorded
alone: its output is the same byte for byte, and so is a recording of the second run. PYTHON has PyVISA. Exit code
77: it has not. With --write after them the transcripts in docs/ are made anew.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD, PYTHON, COMPILER = (os.path.abspath(one) if os.sep in one else one for one in sys.argv[1:4])
FREEVISA = os.path.join(BUILD, "freevisa")
LIBRARY = os.path.join(BUILD, "libvisa.so.1")
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
WRITE = "--write" in sys.argv
PROGRAM = [PYTHON, os.path.join(HERE, "programs.py"), LIBRARY]


def content(path):
    with open(path, "rb") as file:
        return file.read()


def exchanges(path):
    """A recording without what differs from one bench to the next, and its large answers."""
    text = content(path).decode("ascii")
    data = path[:-len(".toml")] + ".data"
    differs = ("#", "resource =", "opened_as =", "serial =", "delay_ms =", "[recorded.vxi11]", "device =")
    kept = [line for line in text.splitlines() if line and not line.startswith(differs)]
    return re.sub(r"service_request_ms = .*", "service_request_ms", "\n".join(kept)), content(data) if os.path.exists(data) else b""


class Recording(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="freevisa-record-")
        self.addCleanup(holder.cleanup)
        self.folder = holder.name

    def run_it(self, command, code=0, **environment):
        done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              check=False, cwd=self.folder, env=dict(os.environ, **environment))
        said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        self.assertEqual(done.returncode, code, "%s\n%s" % (command, said[-2000:]))
        return said

    def file(self, name):
        return os.path.join(self.folder, name)

    def compile(self, name):
        program = self.file(name)
        self.run_it([COMPILER, "-std=c89", os.path.join(HERE, "..", "c", name + ".c"), "-I",
                     os.path.join(SOURCE, "include"), LIBRARY, "-Wl,-rpath," + BUILD, "-lm", "-o", program])
        return program

    def record_and_replay(self, bench, program, replay=(), names=()):
        """Returns what the second run said. `program` gets a file for its output as {}."""
        def filled(output):
            return [word.replace("{}", output) for word in program]
        sim = [FREEVISA, "sim"]
        self.run_it([*sim, *bench, "--", FREEVISA, "record", *names, "-o", "first.toml", "--", *filled("first")])
        self.run_it([*sim, *replay, "first.toml", "--", FREEVISA, "record", "-o", "second.toml", "--", *filled("second")])
        said = self.run_it([*sim, "--no-delays", *replay, "first.toml", "--", *filled("third")])
        if os.path.exists(self.file("first")):
            self.assertGreater(len(content(self.file("first"))), 1000)
            for other in ("second", "third"):
                self.assertEqual(content(self.file("first")), content(self.file(other)))
        self.assertEqual(exchanges(self.file("first.toml")), exchanges(self.file("second.toml")))
        self.assertNotIn("geheim", content(self.file("first.toml")).decode())
        return said

    def pyvisa_over(self, suffix, bench=(), replay=(), **more):
        program = [*PROGRAM, "{}", "dmm" + suffix, "scope" + suffix]
        return self.record_and_replay(["dmm", "scope", *bench], program, replay, **more)

    def test_01_socket(self):
        self.pyvisa_over("")

    def test_02_vxi11(self):
        self.pyvisa_over("-vxi11")

    def test_02_the_order_of_instruments_does_not_matter(self):
        program = [FREEVISA, "query", "{}", "*IDN?"]
        script = self.file("ask")
        with open(script, "w", encoding="ascii") as file:
            for name in ("scope-vxi11", "dmm-vxi11", "scope-hislip", "dmm-hislip"):
                file.write("%s || exit 1\n" % " ".join(program).replace("{}", name))
        self.run_it([FREEVISA, "sim", "dmm", "scope", "--", FREEVISA, "record", "-o", "r.toml", "--", "sh", script])
        said = self.run_it([FREEVISA, "sim", "r.toml", "--", "sh", script])
        self.assertEqual(re.findall("Virtual (.*),S", said), ["Oscilloscope", "Multimeter"] * 2)

    def test_03_hislip(self):
        self.pyvisa_over("-hislip")

    def test_04_serial(self):
        self.pyvisa_over("-serial")

    def test_05_usb(self):
        if not os.path.exists("/usr/lib/x86_64-linux-gnu/libumockdev-preload.so.0") and not shutil.which("umockdev-run"):
            self.skipTest("umockdev is missing")
        self.pyvisa_over("-usb", bench=["--usb"], replay=["--usb"])
        # And without a USB to plug it into: the same names, over the network.
        self.run_it([FREEVISA, "sim", "first.toml", "--", *PROGRAM, "fourth", "dmm-usb", "scope-usb"])
        self.assertEqual(content(self.file("first")), content(self.file("fourth")))

    def test_05_gpib(self):
        """Behind a Prologix, under aliases and under fixed names; played on a bus and over the network."""
        self.pyvisa_over("-gpib", bench=["--gpib", "prologix"], replay=["--gpib", "enet100"])
        self.assertIn('[recorded.gpib]\naddress = "2"\n', content(self.file("first.toml")).decode())
        # And without a bus: the same names, over the network.
        self.run_it([FREEVISA, "sim", "first.toml", "--", *PROGRAM, "fourth", "dmm-gpib", "scope-gpib"])
        self.assertEqual(content(self.file("first")), content(self.file("fourth")))
        fixed = [*PROGRAM, "fixed", "GPIB0::1::INSTR", "GPIB0::2::INSTR"]
        self.run_it([FREEVISA, "sim", "dmm", "scope", "--gpib", "prologix", "--", FREEVISA, "record", "-o", "fixed.toml", "--",
                     *fixed])
        recorded = content(self.file("fixed"))
        self.run_it([FREEVISA, "sim", "fixed.toml", "--", *fixed])
        self.assertEqual(recorded, content(self.file("fixed")))

    def test_06_driver_in_c(self):
        program = self.compile("formatted")
        self.assertIn("all done", self.record_and_replay(["dmm", "scope"], [program]))

    def test_07_fixed_name_in_c(self):
        """The instrument stands in the configuration for one on GPIB, and so does what was recorded of it."""
        program = self.compile("fixed_name")
        with open(self.file("run"), "w", encoding="ascii") as script:
            script.write("#!/bin/sh\nawk '/alias = \"scope-vxi11\"/ { print \"instead_of = \\\"GPIB0::2::INSTR\\\"\" } "
                         "{ print }' $FREEVISA_CONFIG > own.toml\nFREEVISA_CONFIG=own.toml exec %s record -o "
                         "first.toml -- %s\n" % (FREEVISA, program))
        os.chmod(self.file("run"), 0o755)
        self.run_it([FREEVISA, "sim", "scope", "--", self.file("run")])
        self.assertIn("all done", self.run_it([FREEVISA, "sim", "first.toml", "--", program]))

    def test_08_what_was_not_asked_for(self):
        self.pyvisa_over("")
        query = [FREEVISA, "query", "dmm", "MEAS:CURR?", "*IDN?"]
        said = self.run_it([FREEVISA, "sim", "first.toml", "--", *query], code=1)
        self.assertIn('-113,"Undefined header;not in the recording: MEAS:CURR?"', said)
        self.assertIn("freevisa sim: dmm: not in the recording: 'MEAS:CURR?'", said)
        self.assertIn("Virtual Multimeter", said)

    def test_09_only_the_instruments_wanted(self):
        self.run_it([FREEVISA, "sim", "dmm", "scope", "--", FREEVISA, "record", "scope", "-o", "one.toml", "--", *PROGRAM,
                     "out", "dmm", "scope"])
        text = content(self.file("one.toml")).decode()
        self.assertEqual(re.findall('(?m)^name = "(.*)"', text), ["scope"])
        said = self.run_it([FREEVISA, "sim", "dmm", "scope", "--", FREEVISA, "record", "dmm", "-o", "none.toml", "--",
                            FREEVISA, "query", "scope", "*IDN?"], code=1)
        self.assertIn("the program did not open dmm", said)
        self.assertFalse(os.path.exists(self.file("none.toml")))

    def test_10_delays(self):
        with open(self.file("slow.toml"), "w", encoding="ascii") as file:
            file.write('[instrument]\nname = "slow"\nidentity = "a,b,c,d"\n'
                       '[[dialogue]]\nquery = "WAIT?"\nanswer = "1"\ndelay_ms = 2000\n')
        query = [FREEVISA, "query", "slow", "WAIT?"]
        self.run_it([FREEVISA, "sim", "slow.toml", "--", FREEVISA, "record", "-o", "rec.toml", "--", *query])
        noted = re.search(r"(?m)^delay_ms = (\d+)$", content(self.file("rec.toml")).decode())
        self.assertGreaterEqual(int(noted.group(1)), 1990)

        def took(*options):
            traced = self.run_it([FREEVISA, "sim", *options, "rec.toml", "--", FREEVISA, "trace", "--json", "-o", "t", "--",
                                  *query])
            self.assertIn("1", traced)
            calls = [json.loads(line) for line in content(self.file("t")).splitlines()]
            return max(one["ms"] for one in calls if one["function"] == "viRead")
        self.assertGreaterEqual(took(), 1990)
        self.assertLess(took("--no-delays"), 1990)


    def test_11_a_password_that_is_answered(self):
        with open(self.file("keeper.toml"), "w", encoding="ascii") as file:
            file.write('[instrument]\nname = "keeper"\nidentity = "a,b,c,d"\n'
                       '[[dialogue]]\nquery = "SYSTem:COMMunicate:LAN:PASSword?"\nanswer = "geheim"\n')
        for suffix in ("", "-vxi11", "-hislip"):
            ask = [FREEVISA, "query", "keeper" + suffix, "SYST:COMM:LAN:PASS?", "*IDN?"]
            sim = [FREEVISA, "sim", "keeper.toml", "--"]
            said = self.run_it([*sim, FREEVISA, "trace", "--wire", "--html", "page.html", "-o", "log", "--", *ask])
            self.assertEqual(said, "geheim\na,b,c,d\n", "the program gets it")
            said = self.run_it([*sim, FREEVISA, "record", "-o", "secret.toml", "--", *ask])
            self.assertIn("1 answers are passwords", said)
            for written in ("log", "page.html", "secret.toml"):
                text = content(self.file(written)).decode()
                self.assertNotIn("geheim", text)
                self.assertNotIn("67 65 68 65".replace(" ", ""), text.replace(" ", ""))
                self.assertIn("a,b,c,d", text)
            self.assertEqual(self.run_it([FREEVISA, "sim", "secret.toml", "--", *ask]), "******\na,b,c,d\n")


class Trace(Recording):
    """The same folder and helpers; none of its tests again."""

    def test_trace(self):
        command = [*PROGRAM, "out", "dmm-vxi11", "scope-vxi11"]
        said = self.run_it([FREEVISA, "sim", "dmm", "scope", "--", FREEVISA, "trace", "--wire", "--html", "page.html", "--",
                            *command])
        self.assertRegex(said, r'dmm-vxi11 viRead\(.*\) = VI_SUCCESS retCnt=\d+, buf="FreeVISA,Virtual Multimeter')
        self.assertRegex(said, r'> write 6 bytes "\*IDN\?\\n" END')
        self.assertIn("VI_ERROR_TMO", said)
        self.assertNotIn("geheim", said)
        self.assertNotIn("\x1b", said)
        page = content(self.file("page.html")).decode()
        self.assertIn('"function":"viWaitOnEvent"', page)
        self.assertNotIn("geheim", page)
        data = page[page.index('id="data">') + 10:]
        calls = json.loads(data[:data.index("</script>")])["calls"]
        self.assertGreater(len([one for one in calls if one.get("wire")]), 30)

    def test_filters_and_rotation(self):
        command = [*PROGRAM, "out", "dmm", "scope"]
        self.run_it([FREEVISA, "sim", "dmm", "scope", "--", FREEVISA, "trace", "--json", "--session", "dmm", "--call",
                     "viRead*", "-o", "t", "--", *command])
        calls = [json.loads(line) for line in content(self.file("t")).splitlines()]
        self.assertEqual({(one["function"], one["session"]) for one in calls}, {("viRead", "dmm")})

        many = ("import pyvisa,sys\nr=pyvisa.ResourceManager(sys.argv[1]).open_resource('dmm')\n"
                "for i in range(8000): r.timeout = 1000 + i\n")
        self.run_it([FREEVISA, "sim", "dmm", "--", FREEVISA, "trace", "--json", "--limit", "1", "-o", "many", "--", PYTHON,
                     "-c", many, LIBRARY])
        parts = sorted((one for one in os.listdir(self.folder) if one.startswith("many.")),
                       key=lambda one: int(one[5:]))
        self.assertGreaterEqual(len(parts), 1)
        values = [json.loads(line)["in"].get("attrValue") for part in [*parts, "many"]
                  for line in content(self.file(part)).splitlines() if b"viSetAttribute" in line]
        self.assertEqual(values[-8000:], [str(1000 + i) for i in range(8000)])

    def test_trace_of_a_killed_program_and_a_file(self):
        kill = "import pyvisa,os,sys\nr=pyvisa.ResourceManager(sys.argv[1]).open_resource('dmm')\nos.kill(os.getpid(),9)\n"
        said = self.run_it([FREEVISA, "sim", "dmm", "--", FREEVISA, "trace", "--", PYTHON, "-c", kill, LIBRARY], code=137)
        self.assertIn("viOpen(", said)
        self.run_it([FREEVISA, "sim", "dmm", "--", FREEVISA, "query", "dmm", "*IDN?"], FREEVISA_TRACE=self.file("log"))
        self.assertIn('buf="*IDN?\\n"', self.run_it([FREEVISA, "trace", "--read", "log"]))
        self.assertIn("has no line of a trace", self.run_it([FREEVISA, "trace", "--read", __file__], code=1))
        self.assertIn("made no VISA call", self.run_it([FREEVISA, "trace", "--", "true"]))


    def test_transcripts(self):
        """What docs/ shows of these commands is what they print, but for times. `--write` puts it there."""
        for page in ("recording.md", "debugging.md"):
            path = os.path.join(SOURCE, "docs", page)
            shown = content(path).decode()
            made = re.sub(r"(?m)^    \$ (.*)\n((?:    (?!\$ ).*\n)*)", self.transcript, shown)
            if WRITE:
                with open(path, "w", encoding="ascii") as file:
                    file.write(made)
                continue
            self.assertEqual(without_times(shown), without_times(made))
            self.assertGreater(made.count("\n    $ "), 0)

    def transcript(self, found):
        done = subprocess.run(["sh", "-c", found.group(1)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False, cwd=self.folder,
                              env=dict(os.environ, PATH=BUILD + ":" + os.environ["PATH"]))
        return "    $ %s\n%s" % (found.group(1), "".join("    %s\n" % line for line in done.stdout.decode().splitlines()))


def without_times(text):
    return re.sub(r"\d+\.\d{6} |\d+(\.\d+)? (us|ms|s)\b", "T ", text)


for name in [one for one in dir(Recording) if one.startswith("test_")]:
    setattr(Trace, name, None)

if subprocess.run([PYTHON, "-c", "import pyvisa"], capture_output=True, check=False).returncode != 0:
    print("skipped: %s has no PyVISA" % PYTHON)
    sys.exit(77)
unittest.main(argv=sys.argv[:1] + [one for one in sys.argv[4:] if one != "--write"], verbosity=2)
