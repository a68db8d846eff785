# SPDX-License-Identifier: MIT
"""What the tests of both packages share: the addresses of the bench's instruments, and the hand that
connects something else to them, which goes by the bench's control socket and not by VISA."""
import json
import os
import re
import socket
import warnings

import pytest

WIRES = ["SOCKET", "INSTR"]


class Hand:
    """Tells the bench what an instrument measures, and asks it what it was told. It has a connection of its
    own: a test that has only written to an instrument asks it something before it uses the hand."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), 10)
        self.lines = self.socket.makefile("r", encoding="utf-8")

    def send(self, instrument, text):
        request = {"op": "send", "instrument": instrument, "text": text}
        self.socket.sendall((json.dumps(request) + "\n").encode())
        answer = json.loads(self.lines.readline())
        assert answer["ok"], answer
        return answer["answer"].strip()

    def close(self):
        self.lines.close()
        self.socket.close()


@pytest.fixture(scope="session")
def hand():
    one = Hand(os.environ["BENCH_CONTROL"])
    yield one
    one.close()


@pytest.fixture(params=WIRES)
def address_of(request):
    """address_of("psu"): its resource name, over one wire and then over the other."""
    with open(os.environ["BENCH_CONFIG"], encoding="ascii") as file:
        pairs = re.findall(r'name = "(\S+)"\nalias = "(\S+)"', file.read())
    names = {alias: name for name, alias in pairs}
    suffix = "" if request.param == "SOCKET" else "-vxi11"
    return lambda instrument: names[instrument + suffix]


@pytest.fixture(autouse=True)
def fresh(hand):
    """Each test begins with instruments as after switching on."""
    for instrument in ("keysight_34461a", "psu", "fgen"):
        hand.send(instrument, "*RST;*CLS;*ESE 0;*SRE 0")
    warnings.simplefilter("ignore", FutureWarning)  # the drivers' own
