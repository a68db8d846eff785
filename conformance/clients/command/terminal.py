# SPDX-License-Identifier: MIT
"""A program at a terminal of its own (a pty), as a person uses it: types, and waits for what appears."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x1b\][^\x07]*\x07|\r")
LIMIT = 20


class Terminal:
    """`with Terminal(["freevisa", "list"], environment) as terminal:`"""

    def __init__(self, command, environment, columns=100):
        self.raw = ""
        self.seen = 0
        self.code = None
        self.child, self.file = pty.fork()
        if self.child == 0:
            os.chdir(environment["HOME"])
            os.execvpe(command[0], command, dict(environment, TERM="xterm-256color"))
        self.resize(columns)

    def read(self, seconds):
        """More output; False at its end."""
        if not select.select([self.file], [], [], max(seconds, 0))[0]:
            return True
        try:
            data = os.read(self.file, 65536)
        except OSError:  # how Linux says that the other side is closed
            data = b""
        self.raw += data.decode("utf-8", "replace")
        return bool(data)

    def text(self):
        """What appeared, without colours and movements of the cursor."""
        return ESCAPES.sub("", self.raw)

    def expect(self, wanted):
        """Waits until `wanted` appears after what was expected before."""
        end = time.monotonic() + LIMIT
        while wanted not in self.text()[self.seen:]:
            if time.monotonic() > end or not self.read(end - time.monotonic()):
                raise AssertionError("%r did not appear; this did:\n%s" % (wanted, self.text()[self.seen:]))
        self.seen += self.text()[self.seen:].index(wanted) + len(wanted)

    def type(self, text):
        os.write(self.file, text.encode())

    def resize(self, columns):
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))

    def finish(self):
        """Waits for the end of the program: its exit code."""
        end = time.monotonic() + LIMIT
        while self.read(end - time.monotonic()):
            if time.monotonic() > end:
                raise AssertionError("no end; this appeared:\n" + self.text()[self.seen:])
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        return self.code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.code is None:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        os.close(self.file)
