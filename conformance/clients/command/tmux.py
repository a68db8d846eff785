# SPDX-License-Identifier: MIT
"""A shell in tmux, a terminal that others wrote: types, and looks at what the screen shows.

Nothing here waits for a time: what is waited for is on the screen, however long that takes (LIMIT)."""
import os
import re
import shutil
import subprocess
import tempfile
import time

LIMIT = 60
PROMPT = "<\\#:$?> "  # number of the command, exit code of the one before


def missing():
    return None if shutil.which("tmux") else "tmux is not installed (Debian, Ubuntu: tmux)"


class Screen:
    """`with Screen(environment, folder) as screen:` bash in `folder`, 120 columns, 40 lines."""

    def __init__(self, environment, folder):
        self.holder = tempfile.TemporaryDirectory(prefix="freevisa-tmux-")
        self.server = ["tmux", "-u", "-f", "/dev/null", "-S", os.path.join(self.holder.name, "s")]
        self.number = 1
        start = os.path.join(self.holder.name, "bashrc")
        with open(start, "w", encoding="ascii") as file:
            file.write("PS1='%s'\nunset HISTFILE\n" % PROMPT)
        subprocess.run([*self.server, "new-session", "-d", "-x", "120", "-y", "40", "-c", folder,
                        "exec bash --rcfile %s" % start],
                       env=dict(environment, TERM="xterm-256color", SHELL="/bin/bash"), check=True, timeout=LIMIT)
        self.expect("<1:0> ")

    def tmux(self, *arguments):
        done = subprocess.run([*self.server, *arguments], capture_output=True, timeout=LIMIT, check=False)
        if done.returncode != 0:
            raise AssertionError("tmux %s: %s" % (arguments[0], done.stderr.decode("utf-8", "replace")))
        return done.stdout.decode("utf-8", "replace")

    def shown(self, colours=False):
        """The screen and what has left it at the top; lines that were too long are whole again."""
        return self.tmux("capture-pane", "-p", "-J", "-S", "-", *(["-e"] if colours else [])).rstrip("\n")

    def recent(self, text):
        """What is below the last prompt; all of it where a program has the whole screen."""
        return text[max(text.rfind("<%d:" % self.number), 0):]

    def wait(self, found, wanted):
        """Until `found(screen)` is true: its result."""
        end = time.monotonic() + LIMIT
        while True:
            text = self.shown()
            result = found(text)
            if result:
                return result
            if time.monotonic() > end:
                raise AssertionError("%r did not appear; the screen shows\n%s" % (wanted, text.rstrip()))
            time.sleep(0.02)

    def expect(self, wanted):
        """Waits until `wanted` is on the screen below the last prompt of the shell."""
        return self.wait(lambda text: wanted in self.recent(text), wanted)

    def match(self, pattern):
        """Likewise for a regular expression: what it found."""
        return self.wait(lambda text: re.search(pattern, self.recent(text), re.MULTILINE), pattern)

    def type(self, text):
        self.tmux("send-keys", "-l", "--", text)

    def press(self, *keys):
        """By tmux's names: Enter, Tab, Up, C-c."""
        self.tmux("send-keys", *keys)

    def enter(self, line):
        self.type(line)
        self.press("Enter")

    def finish(self):
        """Waits for the shell's next prompt: what came before it, and the exit code."""
        end = re.compile(r"^(?:.*\^C)?<%d:(\d+)> *\Z" % (self.number + 1), re.MULTILINE)
        code = int(self.wait(end.search, "the shell's prompt %d" % (self.number + 1)).group(1))
        text = self.shown()
        begin = text.find("\n", text.rfind("<%d:" % self.number)) + 1
        output = text[begin:text.rfind("<%d:" % (self.number + 1))]
        self.number += 1
        return re.sub(" +$", "", output, flags=re.MULTILINE), code  # blanks are where something was written over

    def run(self, line, code=0):
        """What `line` printed; its exit code has to be `code`."""
        self.enter(line)
        output, ended = self.finish()
        if ended != code:
            raise AssertionError("exit code %d of %r, which printed\n%s" % (ended, line, output))
        return output

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([*self.server, "kill-server"], capture_output=True, timeout=LIMIT, check=False)
        self.holder.cleanup()
