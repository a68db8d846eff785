# SPDX-License-Identifier: MIT
"""Captures the loopback of this computer, one port of it, and says what Wireshark's dissector makes of it."""
import os
import shutil
import signal
import socket
import subprocess
import time

FIELDS = ["frame.number", "frame.protocols", "_ws.malformed", "_ws.expert.group", "_ws.expert.message",
          "hislip.messagetype"]
SEQUENCE = 0x02000000  # the group of what TCP has to tell: connections begin and end
# Of the messages of 1.0, those that pyvisa-py's client sends or is sent. 3 is Error, 2 FatalError.
USED = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25}


class Impossible(Exception):
    """Nothing can be captured here."""


class Capture:
    """From its making to end()."""

    def __init__(self, file, port):
        for program in ("dumpcap", "tshark"):
            if shutil.which(program) is None:
                raise Impossible(program + " is not installed")
        self.file = file
        self.port = port
        self.log = open(file + ".log", "w+", encoding="utf-8")
        command = ["dumpcap", "-q", "-i", "lo", "-B", "64", "-f", "tcp port %d" % port, "-w", file]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + 20
        while "File: " not in self.said():
            if self.process.poll() is not None or time.monotonic() > end:
                self.end()
                raise Impossible("dumpcap does not begin: " + self.said().strip())
            time.sleep(0.02)

    def said(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as read:
            return read.read()

    def catch_up(self):
        """The kernel hands over what it has seen in blocks: makes traffic until the file grows by it."""
        before, end = os.path.getsize(self.file), time.monotonic() + 10
        while os.path.getsize(self.file) == before and time.monotonic() < end:
            with socket.socket() as probe:
                probe.connect_ex(("127.0.0.1", self.port))
            time.sleep(0.05)

    def end(self):
        """The file, complete."""
        if self.process.poll() is None:
            self.catch_up()
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
            self.log.close()
        return self.file


class Dissection:
    """`messages`, their `types`, and `complaints`, a line each."""

    def __init__(self):
        self.messages = 0
        self.types = set()
        self.complaints = []

    def add(self, number, protocols, malformed, groups, texts, types):
        if malformed or any(int(group, 0) != SEQUENCE for group in groups):
            self.complaints.append("frame %s (%s): %s" % (number, protocols, texts))
        elif "data" in protocols.split(":"):
            self.complaints.append("frame %s (%s): nobody understands it" % (number, protocols))
        self.messages += len(types)
        self.types.update(int(one, 0) for one in types)


def dissect(file, port):
    command = ["tshark", "-r", file, "-d", "tcp.port==%d,hislip" % port, "-T", "fields", "-E",
               "separator=/t", "-E", "aggregator=|"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=240, check=False,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError("tshark: " + done.stderr)
    found = Dissection()
    for line in done.stdout.splitlines():
        number, protocols, malformed, groups, texts, types = line.split("\t")
        found.add(number, protocols, malformed, groups.split("|") if groups else [], texts,
                  types.split("|") if types else [])
    return found
