# SPDX-License-Identifier: MIT
"""sessions.py BUILD_DIR

A session of every subcommand at a terminal (tmux), with a shell around it, against the bench. `freevisa --help` says which
there are: one without a test here is a failure. Ends with `N passed, N failed, N skipped`; 77 without tmux.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import tmux

BUILD = os.path.abspath(sys.argv[1])
FREEVISA = os.path.join(BUILD, "freevisa")
IDENTITY = "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0"
USER = "# No network and no serial port of this computer.\n[settings]\nlan_discovery = false\n\n[finder.serial]\nsearch = false\n"
# An editor as simple as can be: shows the file, and adds a line that the user types.
EDITOR = 'cat "$1"\nprintf "line to add: " >/dev/tty\nread -r line </dev/tty\n[ "$line" != abandon ] || exit 3\necho "$line" >>"$1"\n'


class Sessions(unittest.TestCase):
    """`test_NAME` of each subcommand NAME."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="freevisa-sessions-")
        cls.addClassCleanup(holder.cleanup)
        cls.home = os.path.realpath(holder.name)
        cls.put(".config/freevisa/freevisa.toml", USER)
        configuration = os.path.join(cls.home, "bench.toml")
        cls.environment = {"PATH": BUILD + ":" + os.environ["PATH"], "HOME": cls.home, "LC_ALL": "C.UTF-8",
                           "FREEVISA_CONFIG": configuration}
        # On a GPIB bus, too, where an answer waits for whoever reads next.
        command = [FREEVISA, "sim", "--port", "0", "--no-serial", "--gpib", "prologix", "--gpib-port", "0", "--config-out",
                   configuration]
        bench = subprocess.Popen(command, env=cls.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        cls.addClassCleanup(bench.wait, 30)
        cls.addClassCleanup(bench.terminate)
        said = ""
        for line in bench.stdout:
            said += line
            if line == "ready\n":
                return
        raise AssertionError("the bench ended: " + said)

    @classmethod
    def put(cls, name, text):
        path = os.path.join(cls.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def content(self, name, binary=False):
        with open(os.path.join(self.home, name), "rb") as file:
            return file.read() if binary else file.read().decode("utf-8")

    def screen(self, **environment):
        made = tmux.Screen(dict(self.environment, **environment), self.home)
        self.addCleanup(made.__exit__)
        return made

    def test_0_every_subcommand_has_a_session(self):
        text = subprocess.run([FREEVISA, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
        listed = text[text.index("--version\n"):text.index("\nAll but sim")]
        names = re.findall(r"^  ([a-z][a-z-]*)  ", listed, re.MULTILINE)
        self.assertIn("query", names)
        self.assertEqual([name for name in names if not hasattr(self, "test_" + name.replace("-", "_"))], [])

    def test_list(self):
        screen = self.screen()
        self.assertRegex(screen.run("freevisa list 'TCPIP?*SOCKET'"), r"RESOURCE +ALIAS +INSTRUMENT +FOUND\n")
        self.assertIn("\x1b[", screen.shown(colours=True))
        self.assertRegex(screen.run("freevisa list --identify 'GPIB?*'"), r"GPIB0::2::INSTR +dmm-gpib +FreeVISA,Virtual Multi")
        self.assertRegex(screen.run("freevisa list 'TCPIP?*SOCKET' | sort -u | head -1"), r"\ATCPIP0::127\.0\.0\.1::\d+::SOCKET\n\Z")

    def test_info(self):
        screen = self.screen()
        self.assertRegex(screen.run("freevisa info dmm-vxi11"), r'VI_ATTR_TCPIP_DEVICE_NAME +"inst1"\n')
        self.assertRegex(screen.run("freevisa info"), r"vendor +FreeVISA\n")

    def test_doctor(self):
        screen = self.screen()
        screen.enter("freevisa doctor dmm")
        text, code = screen.finish()
        self.assertRegex(text, r"  ok +instrument: TCPIP0::127\.0\.0\.1::\d+::SOCKET answers: " + IDENTITY)
        self.assertEqual(code, 0 if text.endswith("nothing is wrong\n") else 1, text)
        self.assertIn("\x1b[32m", screen.shown(colours=True))

    def test_query(self):
        screen = self.screen()
        self.assertEqual(screen.run("freevisa query dmm '*IDN?'"), IDENTITY + "\n")
        self.assertIn("(1000 bytes of data: use --output FILE)", screen.run("freevisa query scope 'WAV:POIN 1000;DATA?'"))
        self.assertIn("VI_ERROR_TMO", screen.run("freevisa query --timeout 200 dmm 'NO:SUCH?'", 1))
        screen.enter("FREEVISA_TRACE=stderr freevisa query --timeout 600000 dmm 'NO:SUCH?'; echo after")
        screen.expect("> viRead(")
        screen.press("C-c")
        screen.expect("interrupted: no whole answer to 'NO:SUCH?' from dmm")
        text, code = screen.finish()
        self.assertEqual((code, "\nafter\n" in text), (130, False), "the shell goes no further, as with other programs")
        screen.run("freevisa write dmm '*CLS'")
        self.assertIn("NAME is empty: is a variable of the shell not set?", screen.run('freevisa query "$NOT_SET" "*IDN?"', 2))

    def test_write(self):
        screen = self.screen()
        self.assertEqual(screen.run("freevisa write psu 'VOLTage 3.3'"), "")
        self.assertIn("freevisa: psu reports -", screen.run("freevisa write --check psu 'VOLTage lots'", 1))
        self.assertEqual(screen.run("freevisa write psu '*CLS'"), "")

    def test_read(self):
        screen = self.screen()
        screen.run("freevisa write dmm-gpib '*IDN?'")
        self.assertEqual(screen.run("freevisa read dmm-gpib"), IDENTITY + "\n")
        screen.run("freevisa write scope-gpib 'WAV:POIN 1000;DATA?'")
        self.assertEqual(screen.run("freevisa read -o part.bin scope-gpib"), "")
        data = self.content("part.bin", binary=True)
        self.assertEqual(len(data), 1000)
        # Counted bytes are what came over the wire: the block's header, its data, a line feed.
        screen.run("freevisa write scope-gpib 'WAV:DATA?'")
        self.assertEqual(screen.run("freevisa read --count 1007 -o whole.bin scope-gpib"), "")
        self.assertEqual(self.content("whole.bin", binary=True), b"#41000" + data + b"\n")
        screen.run("freevisa write scope-gpib 'WAV:DATA?'")
        self.assertEqual(screen.run("freevisa read --count 6 scope-gpib"), "#41000\n")
        screen.run("freevisa write scope-gpib 'WAV:POIN 1000'")
        self.assertIn("(0 came): VI_ERROR_TMO", screen.run("freevisa read --timeout 300 --count 6 scope-gpib", 1))

    def test_shell(self):
        screen = self.screen()
        screen.enter("freevisa shell dmm")
        screen.match(r"^dmm> ?\Z")
        screen.type("*ID")
        screen.press("Tab")
        screen.match(r"^dmm> \*IDN\? *$")
        screen.press("Enter")
        screen.expect("\n" + IDENTITY + "\ndmm>")
        screen.type(".open sco")
        screen.press("Tab", "Tab")
        screen.expect("scope-hislip")  # all that it may be
        screen.press("Enter")
        screen.match(r"^scope> ?\Z")
        screen.type(".t")
        screen.press("Tab")
        screen.match(r"^\.timeout +\.timing *$")
        screen.type("ing on")
        screen.match(r"^scope> \.timing on *\Z")
        screen.press("Enter")
        screen.match(r"^scope> \.timing on *\n+scope> ?\Z")
        screen.press("Up", "Up", "Up")
        screen.match(r"^scope> \*IDN\? *\Z")
        screen.press("Enter")
        screen.match(r"^FreeVISA,Virtual Oscilloscope,SIM-SCOPE-0001,1\.0  \(\S+ m?s\) *\nscope> ?\Z")
        screen.enter(".repeat 1000 0.01 *OPC?")
        screen.match(r"^1  \(\S+ m?s\) *\n1  ")
        screen.press("C-c")
        screen.match(r"scope> ?\Z")
        screen.press("C-d")
        self.assertEqual(screen.finish()[1], 0)
        # What was typed is there the next time.
        screen.enter("freevisa shell dmm")
        screen.match(r"^dmm> ?\Z")
        screen.press("C-r")
        screen.type("IDN")
        screen.match(r"\*IDN\?")
        screen.press("Enter")
        screen.expect("\n" + IDENTITY + "\ndmm>")
        screen.type("given up")
        screen.match(r"^dmm> given up *\Z")
        screen.press("C-c")
        screen.match(r"^dmm> ?\Z")
        screen.enter(".quit")
        self.assertEqual(screen.finish()[1], 0)

    def test_watch(self):
        screen = self.screen()
        screen.enter("freevisa watch -n 0.02 dmm 'READ?'")
        screen.match(r"^4\.\d+ +[\u2581-\u2588]+ +min 4\.\d+ +max 4\.\d+ +mean 4\.\d+ +n \d\d+")
        screen.press("C-c")
        text, code = screen.finish()
        self.assertEqual(code, 0)
        self.assertRegex(text, r"\d+ readings  min 4\.\d+  max 4\.\d+  mean 4\.\d+  deviation \S+\n\Z")
        self.assertLessEqual(text.count("\n"), 2, "one line that is written over: " + text)

    def test_plot(self):
        screen = self.screen()
        self.assertEqual(screen.run("freevisa plot -o wave.png scope 'WAV:POIN 500' 'WAV:DATA?'"), "")
        self.assertEqual(self.content("wave.png", binary=True)[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(screen.run("freevisa plot -o wave.svg scope 'WAV:DATA?'"), "")
        self.assertTrue(self.content("wave.svg").startswith("<svg"))

    def test_screenshot(self):
        screen = self.screen()
        self.assertEqual(screen.run("freevisa screenshot scope"), "Virtual_Oscilloscope.png\n")
        self.assertEqual(self.content("Virtual_Oscilloscope.png", binary=True)[:4], b"\x89PNG")

    def test_record(self):
        screen = self.screen()
        text = screen.run("freevisa record -o tape.toml -- freevisa query dmm-hislip '*IDN?' 'READ?'")
        self.assertIn("freevisa: 2 exchanges with 1 instrument recorded in tape.toml\n", text)
        played = screen.run("freevisa sim tape.toml -- freevisa query dmm-hislip '*IDN?' 'READ?'")
        self.assertEqual(played.splitlines(), text.splitlines()[:2])

    def test_sim(self):
        screen = self.screen()
        screen.enter("freevisa sim --port 0 --no-serial dmm")
        screen.match(r"^alias = \"dmm\"$")
        screen.match(r"^ready$")
        screen.press("C-c")
        self.assertEqual(screen.finish()[1], 0)
        self.assertEqual(screen.run("freevisa sim dmm -- freevisa query dmm '*IDN?'"), IDENTITY + "\n")

    def test_trace(self):
        screen = self.screen()
        text = screen.run("freevisa trace --wire -- freevisa query dmm '*IDN?'")
        self.assertRegex(text, r'dmm viWrite\(vi=\d+, buf="\*IDN\?\\n", cnt=6\) = VI_SUCCESS retCnt=6')
        self.assertRegex(text, r'> write 6 bytes "\*IDN\?\\n" END')
        self.assertIn(IDENTITY, text.splitlines())  # before, between or after the calls
        self.assertIn("\x1b[", screen.shown(colours=True))
        screen.enter("freevisa trace -- freevisa query --timeout 600000 dmm 'NO:SUCH?'")
        screen.expect("is waiting ...")
        screen.press("C-c")
        text, code = screen.finish()
        self.assertEqual(code, 130)
        self.assertIn("VI_ERROR_ABORT", text)
        screen.run("freevisa write dmm '*CLS'")
        screen.run("freevisa trace --html trace.html -- freevisa query dmm '*IDN?'")
        self.assertIn("viWrite", self.content("trace.html"))

    def test_alias(self):
        screen = self.screen()
        self.assertEqual(screen.run("freevisa alias set --file own.toml meter TCPIP::192.0.2.1::INSTR"), "")
        self.assertRegex(screen.run("FREEVISA_CONFIG=own.toml freevisa alias"), r"^meter +TCPIP::192\.0\.2\.1::INSTR +own\.toml:\d")
        self.assertEqual(screen.run("freevisa alias remove --file own.toml meter"), "")
        self.assertIn("no alias 'meter' in own.toml", screen.run("freevisa alias remove --file own.toml meter", 1))

    def test_completion(self):
        screen = self.screen()
        self.assertEqual(screen.run("source <(freevisa completion bash)"), "")
        screen.type("freevisa que")
        screen.press("Tab")
        screen.expect("freevisa query ")
        screen.type("dmm-h")
        screen.press("Tab")
        screen.expect("freevisa query dmm-hislip ")
        screen.type("'*ID")
        screen.press("Tab")
        screen.expect("'*IDN?'")
        screen.press("Enter")
        self.assertEqual(screen.finish(), (IDENTITY + "\n", 0))

    def test_config(self):
        screen = self.screen()
        self.assertRegex(screen.run("freevisa config"), r"FREEVISA_CONFIG +\S+/bench\.toml\n\Z")
        self.assertEqual(screen.run("freevisa config check"), "")
        screen.run("freevisa config set --file set.toml settings.connect_timeout_ms 1500")
        self.assertEqual(screen.run("freevisa config get --file set.toml settings.connect_timeout_ms"), "1500\n")
        self.assertIn("stays as it was", screen.run("freevisa config set --file set.toml settings.connect_timeout_ms soon", 1))
        screen.run("freevisa config unset --file set.toml settings.connect_timeout_ms")
        self.assertIn("no settings.connect_timeout_ms", screen.run(
            "freevisa config get --file set.toml settings.connect_timeout_ms", 1))

    def test_config_edit(self):
        """An editor that reads from the terminal has it to itself."""
        screen = self.screen(EDITOR="sh " + self.put("editor", EDITOR), VISUAL="")
        self.put("edit.toml", "# mine\n[settings]\n")
        for line, code, said, kept in (
                ("find_timeout_ms = 700", 0, "", "# mine\n[settings]\nfind_timeout_ms = 700\n"),
                ("find_timeout_ms = soon", 1, "edit.toml stays as it was; the change would make a mistake:", None),
                ("abandon", 1, "edit.toml stays as it was: the editor 'sh ", None)):
            before = self.content("edit.toml")
            screen.enter("freevisa config edit --file edit.toml")
            screen.match(r"^\[settings\]\n(?:.*\n)*line to add: \Z")
            screen.enter(line)
            text, ended = screen.finish()
            self.assertEqual(ended, code, text)
            self.assertIn(said, text)
            self.assertEqual(self.content("edit.toml"), before if kept is None else kept)
        self.assertTrue(self.content("edit.toml.rejected").endswith("\nfind_timeout_ms = soon\n"))
        # Ctrl-C is the editor's: it does not end the command around it.
        screen.enter("freevisa config edit --file edit.toml")
        screen.expect("line to add: ")
        screen.press("C-c")
        text, ended = screen.finish()
        self.assertIn(ended, (1, 130), text)
        self.assertIn("700", self.content("edit.toml"))
        self.assertIn("127", screen.run("EDITOR=no-such-editor freevisa config edit --file edit.toml", 1))

    def test_config_edit_with_vi(self):
        if shutil.which("vi") is None:
            self.skipTest("vi is not installed")
        screen = self.screen(VISUAL="vi")
        self.put("vi.toml", "# mine\n[settings]\n")
        screen.enter("freevisa config edit --file vi.toml")
        screen.match(r"^\[settings\]\n~")
        screen.type("Gofind_timeout_ms = 800")
        screen.match(r"^find_timeout_ms = 800 *$")
        screen.press("Escape")
        screen.type(":wq")
        screen.match(r"^:wq *$")
        screen.press("Enter")
        self.assertEqual(screen.finish()[1], 0)
        self.assertEqual(self.content("vi.toml"), "# mine\n[settings]\nfind_timeout_ms = 800\n")

    def test_manual(self):
        screen = self.screen(MANPAGER="cat", MANWIDTH="100")
        page = screen.run("freevisa manual query")
        self.assertRegex(page, "send commands to an instrument and print its answers")
        self.assertEqual(".SH" in page, shutil.which("man") is None, "as man shows it, or else its source")
        if shutil.which("man") and shutil.which("less"):
            screen = self.screen(PAGER="less")
            screen.enter("freevisa manual query")
            screen.match(r"^NAME\n +freevisa.query")
            screen.press("q")
            self.assertEqual(screen.finish()[1], 0)
        self.assertIn("no command 'querry'", screen.run("freevisa manual querry", 2))

    def test_setup(self):
        screen = self.screen()
        screen.enter("freevisa setup")
        text, code = screen.finish()
        rows = re.findall(r"^(there|missing) +(lock folder|udev rule|this user)", text, re.MULTILINE)
        self.assertEqual([what for _, what in rows], ["lock folder", "udev rule", "this user"], text)
        lacks = [what for there, what in rows if there == "missing"]
        self.assertEqual(code, 1 if lacks else 0)
        self.assertEqual(bool(lacks), text.endswith("freevisa setup --print shows what to do as root.\n"))
        self.assertIn("cat >/etc/udev/rules.d/70-freevisa-usb.rules <<'END_OF_FILE'\n", screen.run("freevisa setup --print"))
        screen.run("freevisa setup --print | sh -n")


def main():
    why = tmux.missing()
    if why:
        print("skipped: " + why)
        sys.exit(77)
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Sessions)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - skipped, failed, skipped))
    sys.exit(0 if failed == 0 else 1)


main()
