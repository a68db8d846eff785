# SPDX-License-Identifier: MIT
"""What Wireshark's dissectors say of a capture of VXI-11."""
import socket
import struct
import subprocess

CORE, ABORT, INTERRUPT, PORTMAPPER = 0x0607AF, 0x0607B0, 0x0607B1, 100000
# By what the bytes are, then by what a port is called: a port the system chose may be that of IRC.
BY_CONTENT = ["-o", "tcp.try_heuristic_first:TRUE", "-o", "udp.try_heuristic_first:TRUE"]
FIELDS = ["frame.number", "frame.protocols", "_ws.malformed", "_ws.expert.group", "_ws.expert.message",
          "rpc.msgtyp", "rpc.program", "rpc.procedure"]
SEQUENCE = 0x02000000  # the group of what TCP has to tell: connections begin and end


class Dissection:
    """`frames`; `messages`: calls and replies of VXI-11 and the portmapper; `procedures`: {(program,
    procedure)} of the calls; `complaints`: a line each."""

    def __init__(self):
        self.frames = 0
        self.messages = 0
        self.procedures = set()
        self.complaints = []

    def add(self, number, protocols, malformed, groups, texts, kinds, programs, procedures):
        self.frames += 1
        names = protocols.split(":")
        if malformed or "_ws.malformed" in names:
            self.complaints.append("frame %s is malformed (%s): %s" % (number, protocols, texts))
        elif any(int(group, 0) != SEQUENCE for group in groups):
            self.complaints.append("frame %s (%s): %s" % (number, protocols, texts))
        elif "data" in names:
            self.complaints.append("frame %s (%s): nobody understands it" % (number, protocols))
        for kind, program, procedure in zip(kinds, programs, procedures):
            if int(program) in (CORE, ABORT, INTERRUPT, PORTMAPPER):
                self.messages += 1
                if kind == "0":
                    self.procedures.add((int(program), int(procedure)))


def dissect(file):
    command = ["tshark", "-r", file, *BY_CONTENT, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, check=False,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError("tshark: " + done.stderr)
    found = Dissection()
    for line in done.stdout.splitlines():
        number, protocols, malformed, groups, texts, kinds, programs, procedures = line.split("\t")
        found.add(number, protocols, malformed, groups.split("|") if groups else [], texts, kinds.split("|"),
                  programs.split("|") if programs else [], procedures.split("|"))
    return found


def write_short_call(file):
    """A capture of one frame: a call of the portmapper by UDP that ends in the middle of its arguments."""
    call = struct.pack(">10I", 7, 0, 2, PORTMAPPER, 2, 3, 0, 0, 0, 0) + struct.pack(">IH", CORE, 0)
    datagram = struct.pack(">4H", 1000, 111, 8 + len(call), 0) + call
    local = socket.inet_aton("127.0.0.1")
    packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0) + local + local + datagram
    with open(file, "wb") as out:
        out.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))  # 101: no link layer
        out.write(struct.pack("=4I", 0, 0, len(packet), len(packet)) + packet)
