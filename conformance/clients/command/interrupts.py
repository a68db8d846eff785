# SPDX-License-Identifier: MIT
"""Ctrl-C while a subcommand waits: at a terminal, in a pipe, in a shell that reads a script. Tests for run.py."""
import array
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import termios
import time

FREEVISA = os.path.join(os.path.abspath(sys.argv[1]), "freevisa")


def in_order(file, wanted):
    """Whether the texts are in `file`, one after the other."""
    at = 0
    with open(file, encoding="ascii", errors="replace") as stream:
        text = stream.read()
    for one in wanted:
        at = text.find(one, at) + 1
        if at == 0:
            return False
    return True


def is_idle(process):
    """It has taken all of its standard input, and its first thread sleeps."""
    left = array.array("i", [0])
    fcntl.ioctl(process.stdin.fileno(), termios.FIONREAD, left)
    with open("/proc/%d/stat" % process.pid, encoding="ascii") as stat:
        return left[0] == 0 and stat.read().rsplit(")", 1)[1].split()[0] == "S"


def until(done, what):
    end = time.monotonic() + 60
    while not done():
        if time.monotonic() > end:
            raise AssertionError("not seen: " + what)
        time.sleep(0.01)


class Interrupts:
    """Beside a unittest.TestCase that has `session`, `own_bench`, `terminal` and `shown`."""

    @contextlib.contextmanager
    def late_bench(self):
        """Its instrument answers WAIT? after three seconds; gives what a terminal needs to see the calls."""
        path = os.path.join(self.session.home, "late.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write('[instrument]\nname = "late"\nidentity = "A,late,1,1"\n'
                       '[[dialogue]]\nquery = "WAIT?"\nanswer = "late"\ndelay_ms = 3000\n')
        configuration = path.replace("late.toml", "late-bench.toml")
        with self.own_bench(path, configuration):
            yield {"FREEVISA_CONFIG": configuration, "FREEVISA_TRACE": "stderr"}

    def test_ctrl_c_ends_what_waits_and_the_next_gets_its_own_answer(self):
        with self.late_bench() as traced:
            for name, *command in (("late", "query", "late", "WAIT?"), ("late-vxi11", "query", "late-vxi11", "WAIT?"),
                                   ("late-hislip", "query", "late-hislip", "WAIT?"), ("late", "read", "late"),
                                   ("late-hislip", "plot", "-o", "late.png", "late-hislip", "WAIT?"),
                                   ("late-vxi11", "screenshot", "-o", "late.png", "--command", "WAIT?", "late-vxi11")):
                with self.subTest(command):
                    with self.terminal(command[0], "--timeout", "60000", *command[1:], **traced) as screen:
                        screen.expect("> viRead(")
                        screen.type("\x03")
                        self.assertEqual(screen.finish(), -signal.SIGINT, "as a shell's loop wants to see it")
                        self.assertIn("freevisa: interrupted: no whole ", screen.text())
                    self.assertEqual(self.shown("query", name, "*OPC?", FREEVISA_CONFIG=traced["FREEVISA_CONFIG"]).text(),
                                     "1\n")
            self.assertFalse(os.path.exists(os.path.join(self.session.home, "late.png")))

    def test_ctrl_c_ends_a_command_of_the_shell_at_once(self):
        with self.late_bench() as traced:
            for name in ("late", "late-vxi11", "late-hislip"):
                with self.subTest(name), self.terminal("shell", "--timeout", "60000", name, **traced) as screen:
                    screen.expect(name + "> ")
                    for line, said in (("WAIT?", "no whole answer to 'WAIT?'"), (".read", "no whole message")):
                        screen.type(line + "\n")
                        screen.expect("> viRead(")
                        screen.type("\x03")
                        screen.expect("interrupted: " + said)
                        screen.expect(name + "> ")
                        screen.type("*OPC?\n")
                        screen.expect("< viRead")
                        screen.expect("ms]\n1\n")
                        screen.expect(name + "> ")  # before it, the terminal would take Ctrl-D for itself
                    screen.type("\x04")
                    self.assertEqual(screen.finish(), 0)

    def interrupted(self, arguments, calls, text="", idle=False):
        """A command in pipes that reads `text`, and gets SIGINT once its trace shows `calls` in that order; with `idle`, once
        it waits for more of standard input as well. Its exit code and what it printed."""
        trace = os.path.join(self.session.home, "trace.log")
        open(trace, "w", encoding="ascii").close()
        with self.late_bench() as traced, subprocess.Popen(
                [FREEVISA, *arguments], env=dict(self.session.environment, **dict(traced, FREEVISA_TRACE=trace)),
                cwd=self.session.home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                process.stdin.write(text.encode())
                process.stdin.flush()
                until(lambda: in_order(trace, calls) and (not idle or is_idle(process)), "%s of %s" % (calls, arguments))
                process.send_signal(signal.SIGINT)
                process.wait(60)  # standard input stays open, and that must not keep it
                out, told = process.communicate(timeout=60)
                return process.returncode, out.decode(), told.decode()
            finally:
                process.kill()

    def test_ctrl_c_in_a_pipe_keeps_the_answers_that_came_before(self):
        code, out, told = self.interrupted(["query", "--timeout", "60000", "late", "*IDN?", "WAIT?"], ["< viRead", "> viRead("])
        self.assertEqual((code, out), (-signal.SIGINT, "A,late,1,1\n"), told)

    def test_ctrl_c_in_a_piped_shell_ends_all_that_is_left(self):
        # It comes in a pause of a minute, after an answer; once with lines that follow, once with none.
        for rest in ("*IDN?\n*IDN?\n", ""):
            code, out, told = self.interrupted(["shell", "late"], ["< viRead"], ".repeat 9 60 *OPC?\n" + rest)
            self.assertEqual((code, out), (-signal.SIGINT, "1\n"), told)

    def test_ctrl_c_in_a_piped_shell_does_not_send_half_a_line(self):
        code, out, told = self.interrupted(["shell", "late"], ["< viRead"], "*IDN?\n*OPC?", idle=True)
        self.assertEqual((code, out), (-signal.SIGINT, "A,late,1,1\n"), told)

    def test_ctrl_c_ends_a_reading_of_watch_and_an_open_at_once(self):
        with self.late_bench() as traced:
            with self.terminal("watch", "--timeout", "60000", "late-vxi11", "WAIT?", **traced) as screen:
                screen.expect("> viRead(")
                screen.type("\x03")
                self.assertEqual(screen.finish(), 0)
        # Nobody answers at an address that is for documents.
        with self.terminal("query", "--timeout", "60000", "TCPIP::192.0.2.1::5025::SOCKET", "*IDN?",
                           FREEVISA_TRACE="stderr") as screen:
            screen.expect("> viOpen(")
            screen.type("\x03")
            self.assertIn(screen.finish(), (-signal.SIGINT, 1))  # 1: this computer says at once that it has no way there
