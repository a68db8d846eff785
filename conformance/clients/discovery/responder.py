# SPDX-License-Identifier: MIT
"""responder.py register PORT | plain ADDRESS | flood | late | mute ADDRESS

register: tells the portmapper of this host that VXI-11 listens on PORT.
plain: an instrument of the frugal kind at ADDRESS. It announces nothing but its web page, one record an
answer, by multicast; its portmapper answers who asks it alone, no broadcast.
flood: a portmapper that never stops answering once it was asked.
late: a portmapper whose answer to the first question of each asker gets lost.
mute: a name server that never answers, and an instrument on port 5025 that says nothing either.
Each prints "ready".
"""
import select
import socket
import struct
import sys

GROUP = "224.0.0.251"
VXI11 = 0x0607AF


def call(procedure, *arguments):
    return struct.pack(">10I", 7, 0, 2, 100000, 2, procedure, 0, 0, 0, 0) + struct.pack(
        ">%dI" % len(arguments), *arguments)


def register(port):
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.settimeout(1)
    for _ in range(20):
        asker.sendto(call(1, VXI11, 1, 6, port), ("127.0.0.1", 111))
        try:
            answer = asker.recv(1000)
        except OSError:  # not up yet
            continue
        if answer[-4:] != b"\0\0\0\1":
            sys.exit("the portmapper refuses")
        print("ready", flush=True)
        return
    sys.exit("no portmapper")


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def record(owner, kind, data):
    body = name(owner) + struct.pack(">HHIH", kind, 1, 120, len(data)) + data
    return struct.pack(">6H", 0, 0x8400, 0, 1, 0, 0) + body


def plain(address):
    instance = "Old Toy._lxi._tcp.local"
    answers = {
        (name("_lxi._tcp.local"), 12): record("_lxi._tcp.local", 12, name(instance)),
        (name(instance), 33): record(instance, 33, struct.pack(">3H", 0, 0, 80) + name("old.local")),
        (name("old.local"), 1): record("old.local", 1, socket.inet_aton(address)),
    }
    mdns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    mdns.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    mdns.bind(("", 5353))
    interface = socket.inet_aton(address)
    mdns.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + interface)
    mdns.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, interface)
    portmapper = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    portmapper.bind((address, 111))  # a socket of one address hears no broadcast
    print("ready", flush=True)
    while True:
        for ready in select.select([mdns, portmapper], [], [])[0]:
            question, asker = ready.recvfrom(9000)
            if ready is portmapper and question[40:44] == struct.pack(">I", VXI11):
                ready.sendto(question[:4] + struct.pack(">6I", 1, 0, 0, 0, 0, 1024), asker)
            if ready is mdns and not question[2] & 0x80:
                answer = answers.get((question[12:-4], struct.unpack(">H", question[-4:-2])[0]))
                if answer is None:
                    lower = {(key[0].lower(), key[1]): value for key, value in answers.items()}
                    answer = lower.get((question[12:-4], struct.unpack(">H", question[-4:-2])[0]))
                if answer:
                    mdns.sendto(answer, (GROUP, 5353))


def getport_answer(question):
    return question[:4] + struct.pack(">6I", 1, 0, 0, 0, 0, 1024)


def portmapper():
    """Hears the broadcast, too."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("", 111))
    print("ready", flush=True)
    return udp


def flood():
    udp = portmapper()
    question, asker = udp.recvfrom(1000)
    while True:
        try:
            udp.sendto(getport_answer(question), asker)
            if select.select([udp], [], [], 0)[0]:
                question, asker = udp.recvfrom(1000)
        except OSError:  # the asker has gone: the next one will do
            question, asker = udp.recvfrom(1000)


def late():
    udp = portmapper()
    known = set()
    while True:
        question, asker = udp.recvfrom(1000)
        if asker in known:
            udp.sendto(getport_answer(question), asker)
        known.add(asker)


def mute(address):
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind((address, 53))
    instrument = socket.create_server((address, 5025))
    print("ready", flush=True)
    connections = []
    while True:
        connections.append(instrument.accept())


if __name__ == "__main__":
    if sys.argv[1] == "register":
        register(int(sys.argv[2]))
    else:
        {"plain": plain, "flood": flood, "late": late, "mute": mute}[sys.argv[1]](*sys.argv[2:])
