# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR

Every subcommand that talks to instruments, at a real terminal against the bench; completion in real shells; the
manual pages; and the transcripts of docs/command.md. Ends with `N passed, N failed, N skipped`.
"""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

import interrupts
import tektronix
import terminal
import transcripts
from transcripts import bench

BUILD = os.path.abspath(sys.argv[1])
FREEVISA = os.path.join(BUILD, "freevisa")
SCOPE = os.path.join(transcripts.HERE, "..", "..", "..", "tools", "sim", "instruments", "scope.toml")
# A scope whose long answers take more than a second, as over a slow network.
SLOW = '\n[[fault]]\nkind = "split"\npieces = 20\nms = 60\n'


class Commands(interrupts.Interrupts, unittest.TestCase):
    session = None
    transcripts = None  # what the document has, and what is printed

    def terminal(self, *arguments, columns=100, **environment):
        return terminal.Terminal([FREEVISA, *arguments], dict(self.session.environment, **environment), columns)

    def shown(self, *arguments, code=0, columns=100, **environment):
        """What appears on the terminal until the program ends."""
        with self.terminal(*arguments, columns=columns, **environment) as screen:
            self.assertEqual(screen.finish(), code, screen.text())
            return screen

    def piped(self, *arguments):
        done = subprocess.run([FREEVISA, *arguments], env=self.session.environment, cwd=self.session.home,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(b"\x1b", done.stdout, "colours in a pipe")
        return done.stdout

    def piped_code(self, *arguments):
        return subprocess.run([FREEVISA, *arguments], env=self.session.environment, cwd=self.session.home,
                              capture_output=True, timeout=60, check=False).returncode

    @contextlib.contextmanager
    def own_bench(self, instrument, configuration):
        """One that serves an instrument file at ports of the system's choosing."""
        command = [FREEVISA, "sim", "--port", "0", "--no-serial", "--config-out", configuration, instrument]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                while process.stdout.readline() not in ("ready\n", ""):
                    pass
                yield
            finally:
                process.terminate()

    def test_list_is_a_table_with_colours_unless_they_are_unwanted(self):
        screen = self.shown("list", "TCPIP?*SOCKET")
        self.assertRegex(screen.text(), r"RESOURCE +ALIAS +INSTRUMENT +FOUND\n")
        self.assertRegex(screen.text(), r"::5026::SOCKET +dmm +- +configuration\n")
        self.assertIn("\x1b[", screen.raw)
        self.assertNotIn("\x1b[", self.shown("list", "TCPIP?*SOCKET", NO_COLOR="1").raw)
        self.assertEqual(self.piped("list", "TCPIP?*::5026::SOCKET"), b"TCPIP0::127.0.0.1::5026::SOCKET\n")

    def test_info_shows_attributes_by_name_and_value(self):
        self.assertRegex(self.shown("info", "dmm-vxi11").text(), r'VI_ATTR_TCPIP_DEVICE_NAME +"inst1"\n')
        self.assertIs(json.loads(self.piped("info", "--json", "dmm"))["attributes"]["VI_ATTR_TERMCHAR_EN"], True)

    def test_data_does_not_go_to_a_terminal(self):
        self.assertEqual(self.shown("query", "scope", "WAV:POIN 100;DATA?").text(),
                         "(100 bytes of data: use --output FILE)\n")
        self.assertEqual(len(self.piped("query", "scope", "WAV:POIN 100;DATA?")), 100)

    def test_a_long_transfer_shows_how_far_it_is(self):
        path = os.path.join(self.session.home, "slow.toml")
        with open(SCOPE, encoding="utf-8") as good, open(path, "w", encoding="utf-8") as slow:
            slow.write(good.read() + SLOW)
        configuration = path.replace("slow.toml", "slow-bench.toml")
        with self.own_bench(path, configuration):
            with self.terminal("query", "-o", "wave.bin", "scope", "WAV:POIN 2000000;DATA?",
                               FREEVISA_CONFIG=configuration) as screen:
                screen.expect(" of 2.00 MB  ")
                screen.expect("/s  ")
                self.assertEqual(screen.finish(), 0)
                self.assertTrue(screen.raw.endswith("\r\x1b[K"), "the bar is gone at the end")
        self.assertEqual(os.path.getsize(os.path.join(self.session.home, "wave.bin")), 2000000)

    def test_write_says_what_the_instrument_has_against_it(self):
        self.assertEqual(self.shown("write", "psu", "VOLTage 3.3").text(), "")
        screen = self.shown("write", "--check", "psu", "VOLTage lots", code=1)
        self.assertIn("freevisa: psu reports -", screen.text())
        self.shown("write", "psu", "*CLS")

    def test_shell_edits_completes_and_remembers(self):
        with self.terminal("shell", "dmm") as screen:
            screen.expect("dmm> ")
            screen.type("*ID\t\n")
            screen.expect("Virtual Multimeter,SIM-DMM-0001,1.0\n")
            screen.expect("dmm> ")
            screen.type("given up")
            screen.expect("given up")
            screen.type("\x03")  # the terminal drops what was typed before it and not yet read
            screen.expect("dmm> ")
            screen.type(".open sco\t\n")
            screen.expect("scope> ")
            screen.type("\x1b[A\x1b[A\n")  # up, up: the line before the last
            screen.expect("Virtual Oscilloscope")
            screen.expect("scope> ")
            screen.type(".repeat 1000 0.2 *OPC?\n")
            screen.expect("1\n")
            screen.type("\x03")
            screen.expect("scope> ")
            screen.type("\x04")
            self.assertEqual(screen.finish(), 0)
        with self.terminal("shell", "dmm") as screen:
            screen.expect("dmm> ")
            screen.type("\x12repeat\n")  # Ctrl-R finds what was typed last time
            screen.expect("\n1\n1\n")  # it runs
            screen.type("\x03")
            screen.expect("dmm> ")
            screen.type("\x04")
            self.assertEqual(screen.finish(), 0)

    def test_watch_writes_over_one_line_until_ctrl_c(self):
        csv = os.path.join(self.session.home, "readings.csv")
        with self.terminal("watch", "-n", "0.05", "--csv", csv, "dmm", "READ?") as screen:
            screen.expect("n 3")
            screen.type("\x03")
            self.assertEqual(screen.finish(), 0)
            self.assertRegex(screen.text(), r"\d+ readings  min 4\.\d+  max 4\.\d+  mean 4\.\d+  deviation \S+\n$")
            self.assertIn("\u2581", screen.raw)
            self.assertEqual(screen.raw.count("\n"), 1 + screen.raw.count("^C\r\n"))
        with open(csv, encoding="ascii") as file:
            lines = file.read().splitlines()
        self.assertEqual(lines[0], "time,value")
        self.assertGreaterEqual(len(lines), 4)

    def test_watch_goes_on_after_a_reading_that_failed(self):
        with self.terminal("watch", "-n", "0", "-c", "2", "--timeout", "100", "dmm", "NO:SUCH?") as screen:
            screen.expect("no whole answer to 'NO:SUCH?' from dmm")
            screen.expect("no whole answer to 'NO:SUCH?' from dmm")
            self.assertEqual(screen.finish(), 1)

    def test_plot_and_screenshot_make_pictures(self):
        self.assertEqual(self.shown("screenshot", "-o", "screen.png", "scope").text(), "screen.png\n")
        for file, start in (("wave.png", b"\x89PNG"), ("wave.svg", b"<svg"), ("screen.png", b"\x89PNG")):
            if file.startswith("wave"):
                self.assertEqual(self.shown("plot", "-o", file, "scope", "WAV:FORM WORD", "WAV:DATA?").text(), "")
            with open(os.path.join(self.session.home, file), "rb") as picture:
                self.assertEqual(picture.read(4), start)
        self.shown("write", "scope", "*RST")

    def test_plot_reads_the_preamble_of_tektronix(self):
        """As an instrument file: 16-bit codes of the bench's scope under Tektronix's queries."""
        path = os.path.join(self.session.home, "tek.toml")
        with open(SCOPE, encoding="utf-8") as good, open(path, "w", encoding="utf-8") as tek:
            tek.write(good.read() + "".join('\n[[dialogue]]\nquery = "WFMOutpre:%s?"\nanswer = \'%s\'\n' % pair for pair in (
                ("BYT_Nr", "2"), ("BN_Fmt", "RI"), ("BYT_Or", "LSB"), ("XINcr", "1E-6"), ("XZEro", "0"), ("PT_Off", "100"),
                ("YMUlt", "1E-4"), ("YOFf", "0"), ("YZEro", "2"), ("XUNit", '"s"'), ("YUNit", '"A"'))))
        configuration = path.replace("tek.toml", "tek-bench.toml")
        with self.own_bench(path, configuration):
            self.shown("plot", "-o", "tek.csv", "scope", "WAV:FORM WORD;POIN 200", "CURVe?", FREEVISA_CONFIG=configuration)
        with open(os.path.join(self.session.home, "tek.csv"), encoding="ascii") as file:
            lines = file.read().splitlines()
        self.assertEqual(len(lines), 201)
        x, y = map(float, lines[1].split(","))
        self.assertAlmostEqual(x, -1e-4)
        self.assertLess(abs(y - 2), 0.2)

    def test_screenshot_of_the_families_of_tektronix(self):
        """As recordings: what a family does not have is an error, and the picture comes without a block around it."""
        for model, wire, text, picture in tektronix.recordings(self.piped("screenshot", "-o", "-", "scope")):
            with self.subTest(model=model, wire=wire):
                with open(os.path.join(self.session.home, "tek.toml"), "w", encoding="ascii") as file:
                    file.write(text)
                done = subprocess.run([FREEVISA, "sim", "tek.toml", "--", FREEVISA, "screenshot", "--timeout", "5000", "tek"],
                                      cwd=self.session.home, env=dict(self.session.environment, FREEVISA_CONFIG=""),
                                      capture_output=True, text=True, timeout=60, check=False)
                name = model.replace(" ", "_") + (".png" if picture.startswith(b"\x89PNG") else ".bmp")
                self.assertEqual((done.returncode, done.stdout), (0, name + "\n"), done.stderr)
                with open(os.path.join(self.session.home, name), "rb") as file:
                    self.assertEqual(file.read(), picture)

    def test_alias_and_config_take_effect_at_once(self):
        before = open(self.session.configuration, encoding="utf-8").read()
        try:
            self.shown("alias", "set", "meter", "TCPIP::127.0.0.1::5026::SOCKET")
            self.assertIn("Virtual Multimeter", self.shown("query", "meter", "*IDN?").text())
            self.shown("alias", "remove", "meter")
            self.assertIn("VI_ERROR", self.shown("query", "meter", "*IDN?", code=1).text())
            self.shown("config", "set", "settings.find_timeout_ms", "700")
            self.assertEqual(self.shown("config", "get", "settings.find_timeout_ms").text(), "700\n")
            self.assertEqual(self.shown("config", "check").text(), "")
        finally:
            with open(self.session.configuration, "w", encoding="utf-8") as file:
                file.write(before)

    def test_bash_completes_names_with_colons_and_commands(self):
        environment = dict(self.session.environment, PS1="ready> ")
        with terminal.Terminal(["bash", "--norc", "--noprofile"], environment) as screen:
            screen.expect("ready> ")
            screen.type("source <(freevisa completion bash)\n")
            screen.expect("ready> ")
            screen.type("freevisa que\tscop\t\t\t")
            screen.expect("scope-vxi11")
            screen.type(" '*ID\t\n")
            screen.expect("Virtual Oscilloscope")
            screen.expect("ready> ")
            screen.type("freevisa query TCPIP0::127.0.0.1::5026\t*OPC\\?\n")
            screen.expect("\n1\n")
            screen.type("exit\n")
            screen.finish()

    def test_zsh_completes_likewise(self):
        if shutil.which("zsh") is None:
            self.skipTest("zsh is not installed")
        environment = dict(self.session.environment, PS1="ready> ")
        with terminal.Terminal(["zsh", "-f"], environment) as screen:
            screen.expect("ready> ")
            screen.type("autoload -U compinit; compinit -u -D; source <(freevisa completion zsh); print do''ne\n")
            screen.expect("done\n")
            screen.expect("ready> ")
            screen.type("freevisa que\tdmm-h\t '*ID\t\n")
            screen.expect("Virtual Multimeter")
            screen.type("exit\n")
            screen.finish()

    def test_manual_pages_are_clean(self):
        names = [line.split()[0] for line in self.piped("--help").decode().split("\n")
                 if line.startswith("  ") and line[2:3].islower() and not line.startswith("  freevisa")]
        self.assertIn("query", names)
        for program in (["mandoc", "-Tlint", "-Wwarning"], ["groff", "-man", "-ww", "-z", "-Tutf8"]):
            if shutil.which(program[0]) is None:
                continue
            for name in [[], *[[name] for name in names if name[0] not in "012"]]:
                page = self.piped("manual", *name)
                done = subprocess.run(program, input=page, capture_output=True, timeout=60, check=False)
                said = [line for line in (done.stdout + done.stderr).decode().splitlines() if "missing date" not in line]
                self.assertEqual(said, [], name)

    def test_manual_and_completion_at_a_terminal(self):
        self.assertIn("complete -", self.shown("completion", "bash").text())
        screen = self.shown("manual", "query", MANPAGER="cat", PATH="/nonexistent")  # no man there
        self.assertIn(".SH NAME", screen.text())
        if shutil.which("man") and os.path.exists("/usr/bin/groff"):
            screen = self.shown("manual", "query", MANPAGER="cat")
            self.assertIn("send commands to an instrument and print its answers", screen.text())
            self.assertNotIn(".SH", screen.text())

    def test_a_bar_follows_the_width_of_the_terminal_and_goes(self):
        path = os.path.join(self.session.home, "slow.toml")
        with open(SCOPE, encoding="utf-8") as good, open(path, "w", encoding="utf-8") as slow:
            slow.write(good.read() + SLOW)
        configuration = path.replace("slow.toml", "slow-bench.toml")
        with self.own_bench(path, configuration), self.terminal(
                "query", "-o", "wave.bin", "scope", "WAV:POIN 2000000;DATA?", columns=100, FREEVISA_CONFIG=configuration) as screen:
            screen.expect("left")
            screen.resize(24)
            screen.expect("%")
            begin = len(screen.raw)
            screen.expect("%")
            self.assertEqual(screen.finish(), 0)
        for line in screen.raw[begin:].split("\r"):
            self.assertLess(len(terminal.ESCAPES.sub("", line)), 24)

    def test_trace_and_record_end_with_the_program_that_ctrl_c_ends(self):
        query = [FREEVISA, "query", "--timeout", "60000", "dmm", "NO:ANSWER?"]
        with self.terminal("trace", "--", *query) as screen:
            screen.expect("is waiting ...")
            screen.type("\x03")
            self.assertEqual(screen.finish(), 130)
            self.assertIn("VI_ERROR_ABORT", screen.text())
            self.assertIn("\x1b[31mVI_ERROR_ABORT", screen.raw)
        program = os.path.join(self.session.home, "two")
        with open(program, "w", encoding="utf-8") as script:
            script.write("%s query dmm '*IDN?'; exec %s\n" % (FREEVISA, " ".join(query).replace("NO:ANSWER?", "'NO:ANSWER?'")))
        with self.terminal("record", "-o", "two.toml", "--", "sh", program, FREEVISA_TRACE="") as screen:
            screen.expect("Virtual Multimeter")
            screen.type("\x03")
            self.assertIn(screen.finish(), (130, 1))
            self.assertIn("exchange", screen.text())

    def test_doctor_at_a_terminal(self):
        screen = self.shown("doctor", "dmm", code=self.piped_code("doctor", "dmm"), columns=60)
        self.assertIn("\x1b[32m  ok     \x1b[0m instrument: TCPIP0::127.0.0.1::5026::SOCKET answers: ", screen.raw)
        with self.terminal("doctor", "TCPIP::192.0.2.1::INSTR", FREEVISA_TRACE="stderr") as screen:
            screen.expect("> viOpenDefaultRM")
            screen.type("\x03")
            self.assertIn(screen.finish(), (-signal.SIGINT, 1))

    def test_transcripts_show_what_is_printed(self):
        self.assertEqual(*self.transcripts)


class Counting(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)
        print(test.id().split(".")[-1], flush=True)


def main():
    bench.own_network(bench.VXI11_PORT)
    with transcripts.Session(BUILD) as session:
        Commands.session = session
        # On a bench of their own, whose readings begin anew.
        with bench.Bench(transcripts.bench_command(FREEVISA, session)):
            Commands.transcripts = transcripts.compare(session)
        with bench.Bench(transcripts.bench_command(FREEVISA, session)):
            suite = unittest.defaultTestLoader.loadTestsFromTestCase(Commands)
            result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Counting).run(suite)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - skipped, failed, skipped))
    sys.exit(0 if failed == 0 else 1)


main()
