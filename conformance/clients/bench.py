# SPDX-License-Identifier: MIT
"""The virtual bench as a process: starts it, waits until every instrument answers, ends it.

Used by the runners of pyvisa/, c/, bad_input/ and vxi11/. PyVISA's own tests have the port 5025 in
their sources, so the bench keeps its usual ports; where one is taken, the caller can move into a network
of its own (own_network) instead of testing somebody else's bench.
"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

HOST = "127.0.0.1"
PORTS = {"pyvisa": 5025, "dmm": 5026, "scope": 5027}
HISLIP_PORT = 4880
VXI11_PORT = 5041  # of the core channel; the abort channel has the next
PORTMAPPER_PORT = 111
# What else the laboratory and this computer have is not under test.
ALONE = "[settings]\nlan_discovery = false\n\n[finder.serial]\nsearch = false\n\n"
IN_OWN_NETWORK = "FREEVISA_CLIENTS_OWN_NETWORK"
WITH_OWN_LOCKS = "FREEVISA_CLIENTS_OWN_LOCKS"


def name(kind):
    return "TCPIP0::%s::%d::SOCKET" % (HOST, PORTS[kind])


def command(freevisa, portmapper=False, serial=None):
    """The bench with VXI-11 on ports the configuration knows or, for root, on any, told by port 111, and
    with its serial ports in the folder `serial`."""
    how = ["--portmapper", str(PORTMAPPER_PORT)] if portmapper else ["--vxi11-port", str(VXI11_PORT)]
    return [freevisa, "sim", *how, *(["--serial-dir", serial] if serial else [])]


def configuration(instr=True, portmapper=False, serial=None):
    """The bench as FreeVISA configuration. With `instr` the name PyVISA's tests want comes first. With
    `serial`, where the bench has its serial ports, ASRL7 is the one of the PyVISA instrument, ASRL8 the meter's."""
    text = ALONE
    if instr:
        text += '[[resource]]\nname = "TCPIP0::127.0.0.1::inst0::INSTR"\nalias = "tcpip"\n'
        if not portmapper:
            text += "transport = { core_port = %d, abort_port = %d }\n" % (VXI11_PORT, VXI11_PORT + 1)
        text += "\n"
    if serial:
        text += '[[interface]]\nname = "ASRL7"\ndevice = "%s/pyvisa"\n\n' % serial
        text += '[[interface]]\nname = "ASRL8"\ndevice = "%s/dmm"\n\n' % serial
    for kind in PORTS:
        text += '[[resource]]\nname = "%s"\nalias = "%s"\n' % (name(kind), kind)
        text += "attributes = { VI_ATTR_TERMCHAR_EN = true }\n\n"
    return text


DEVICES = {"pyvisa": "inst0", "dmm": "inst1", "scope": "inst2"}


def vxi11_configuration():
    """The same instruments under the same aliases, over VXI-11: for `command(freevisa)`."""
    text = ALONE
    for kind, device in DEVICES.items():
        text += '[[resource]]\nname = "TCPIP0::%s::%s::INSTR"\nalias = "%s"\n' % (HOST, device, kind)
        text += "transport = { core_port = %d, abort_port = %d }\n" % (VXI11_PORT, VXI11_PORT + 1)
        text += "attributes = { VI_ATTR_TERMCHAR_EN = false }\n\n"  # END ends an answer
    return text


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def own_network(*others):
    """Where a port of the bench, or one of `others`, is taken: runs this program again with a loopback
    of its own."""
    taken = [port for port in (*PORTS.values(), HISLIP_PORT, *others) if answers(port)]
    if not taken:
        return
    if os.environ.get(IN_OWN_NETWORK):
        sys.exit("port %d is taken in a network made for this run" % taken[0])
    flags = "-n" if os.geteuid() == 0 else "-rn"
    tried = subprocess.run(["unshare", flags, "true"], capture_output=True, timeout=10, check=False)
    if tried.returncode != 0:
        sys.exit("port %d is taken by another program, and this one may not have a network of its "
                 "own (unshare %s): end the other program" % (taken[0], flags))
    print("port %d is taken: this run has a network of its own" % taken[0], flush=True)
    os.environ[IN_OWN_NETWORK] = "1"
    bring_up = ("import fcntl,os,socket,struct,sys\n"
                "s=socket.socket()\n"
                "fcntl.ioctl(s,0x8914,struct.pack('16sh14x',b'lo',0x41))\n"  # SIOCSIFFLAGS, up+running
                "os.execvp(sys.argv[1],sys.argv[1:])\n")
    os.execvp("unshare", ["unshare", flags, sys.executable, "-c", bring_up, sys.executable,
                          *sys.argv])


def own_locks():
    """Runs this program again with a folder for locks of its own, where that may be had. A test beside
    this one may lock resources of the same name, and a network of one's own does not keep them apart."""
    if os.environ.get(WITH_OWN_LOCKS) or os.geteuid() != 0:
        return
    make = "mount -t tmpfs locks /run/lock && mkdir -m 2770 /run/lock/freevisa"
    command = ["unshare", "--mount", "sh", "-c"]
    tried = subprocess.run([*command, make], capture_output=True, timeout=10, check=False)
    if tried.returncode != 0:
        return
    os.environ[WITH_OWN_LOCKS] = "1"
    os.execvp("unshare", [*command, make + ' && exec "$@"', "sh", sys.executable, *sys.argv])


class Bench:
    """`with Bench([freevisa, "sim"]) as bench:`"""

    def __init__(self, command):
        self.command = command
        self.process = None
        self.log = None

    def __enter__(self):
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT)
        end = time.monotonic() + 10
        waiting = dict(PORTS)
        while waiting:
            if self.process.poll() is not None:
                self.fail("ended with exit code %d" % self.process.returncode)
            waiting = {kind: port for kind, port in waiting.items() if not answers(port)}
            if waiting and time.monotonic() > end:
                self.fail("does not answer on %s" % waiting)
            if waiting:
                time.sleep(0.02)
        return self

    def fail(self, why):
        self.log.seek(0)
        shown = self.log.read()
        self.__exit__()
        sys.exit("the bench %s %s\n%s" % (self.command, why, shown))

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        self.log.close()
