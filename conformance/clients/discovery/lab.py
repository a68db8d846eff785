# SPDX-License-Identifier: MIT
"""Networks of several computers on this one: a network namespace each, joined by virtual cables.

Every program started in one is in process, mount and host name namespaces of its own as well and ends
with the lab. Needs root. Prototype and traps: util-linux's unshare ignores SIGTERM; daemons must not
hold our pipes; rpcbind gives up its privileges and with them the signal of its parent's death.
"""
import os
import shutil
import signal
import subprocess
import tempfile
import time

OWN = ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c"]
AVAHI = """[server]
host-name=%s
use-ipv4=%s
use-ipv6=%s
enable-dbus=%s
ratelimit-interval-usec=0
ratelimit-burst=0
[wide-area]
enable-wide-area=no
"""


class Impossible(Exception):
    """This machine has no such thing; the text says what."""


def ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        raise Impossible("ip %s: %s" % (" ".join(arguments), done.stderr.strip()))


def wait_for_end(pid, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with open("/proc/%s/stat" % pid, encoding="ascii", errors="replace") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return
        except OSError:
            return
        time.sleep(0.005)
    raise RuntimeError("process %s does not end" % pid)


class Host:
    """One computer. `lab.host("toy")`."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.namespace = "fv%d-%s" % (os.getpid(), name)
        self.daemons = []
        ip("netns", "add", self.namespace)
        ip("-n", self.namespace, "link", "set", "lo", "up")

    def run(self, *command, timeout=30, env=None):
        return subprocess.run(["ip", "netns", "exec", self.namespace, *command], capture_output=True,
                              text=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL, env=env)

    def daemon(self, script, ready, seconds=20):
        """Runs a shell script until the lab ends; waits until its output holds every text of `ready`."""
        log = os.path.join(self.lab.folder, "%s-%d.log" % (self.name, len(self.daemons)))
        script = "mount -t tmpfs run /run; hostname %s; cd %s; %s; :" % (self.name, self.lab.folder, script)
        with open(log, "w", encoding="utf-8") as out:
            process = subprocess.Popen(["ip", "netns", "exec", self.namespace, *OWN, script], stdout=out,
                                       stderr=out, stdin=subprocess.DEVNULL, start_new_session=True)
        self.daemons.append(process)
        end = time.monotonic() + seconds
        while True:
            with open(log, encoding="utf-8", errors="replace") as read:
                said = read.read()
            if all(text in said for text in ready):
                return
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("%s does not say %s:\n%s" % (self.name, ready, said))
            time.sleep(0.02)

    def avahi(self, services, ipv4="yes", ipv6="yes"):
        """avahi-daemon that announces (type, port) pairs under "HWLAB Toy.1 (<name>)"."""
        folder = os.path.join(self.lab.folder, self.name)
        os.makedirs(os.path.join(folder, "services"))
        text = "<service-group><name>HWLAB Toy.1 (%s)</name>" % self.name
        for kind, port in services:
            text += ("<service><type>%s</type><port>%d</port><txt-record>txtvers=1</txt-record>"
                     "<txt-record>Model=Toy</txt-record></service>" % (kind, port))
        with open(os.path.join(folder, "services", "toy.service"), "w", encoding="ascii") as file:
            file.write(text + "</service-group>")
        with open(os.path.join(folder, "avahi.conf"), "w", encoding="ascii") as file:
            file.write(AVAHI % (self.name, ipv4, ipv6, "no" if services else "yes"))
        script = "mount --bind %s/services /etc/avahi/services; mkdir -p /run/avahi-daemon /run/dbus; " % folder
        if not services:
            script += "dbus-daemon --system --fork --nopidfile; "
        script += "avahi-daemon --no-chroot --no-rlimits --no-drop-root -f %s/avahi.conf" % folder
        self.daemon(script, ["successfully established" if services else "Server startup complete"])

    def end_daemons(self):
        """Kills them; returns when the ports they had are free."""
        for process in self.daemons:
            if process.poll() is None:
                with open("/proc/%d/task/%d/children" % (process.pid, process.pid), encoding="ascii") as file:
                    first = file.read().split()  # of its process namespace: the others end before it
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
                for pid in first:
                    wait_for_end(pid)
        self.daemons = []

    def end(self):
        self.end_daemons()
        subprocess.run(["ip", "netns", "del", self.namespace], capture_output=True, timeout=20, check=False)


class Lab:
    """`with Lab() as lab:`, where these programs are installed."""

    def __init__(self, programs=("ip", "unshare", "avahi-daemon", "dbus-daemon", "rpcbind")):
        if os.geteuid() != 0:
            raise Impossible("network namespaces with daemons in them need root")
        for program in programs:
            if shutil.which(program) is None and not os.path.exists("/usr/sbin/" + program):
                raise Impossible("%s is not installed" % program)
        self.folder = tempfile.mkdtemp(prefix="freevisa-lan-")
        self.hosts = []

    def host(self, name):
        host = Host(self, name)
        self.hosts.append(host)
        return host

    def cable(self, one, other, number, ipv4=True, ipv6=False, broadcast=True):
        """Joins two hosts: network 10.<number>.0.0/24 and fd00:<number>::/64, addresses 1 and 2. Without
        `broadcast` that address is not told to the interfaces, as happens where somebody sets them up."""
        name = "v%d" % number
        ip("link", "add", name, "netns", one.namespace, "type", "veth", "peer", "name", name, "netns",
           other.namespace)
        for last, host in ((1, one), (2, other)):
            settings = "/proc/sys/net/ipv6/conf/%s/" % name
            # No wait for somebody who has our address already; no IPv6 where none is wanted.
            text = "echo 0 > %saccept_dad; echo %d > %sdisable_ipv6" % (settings, 0 if ipv6 else 1, settings)
            done = host.run("sh", "-c", text)
            if ipv6 and done.returncode != 0:
                raise Impossible("this kernel has no IPv6: " + done.stderr.strip())
            if ipv4:
                ip("-n", host.namespace, "addr", "add", "10.%d.0.%d/24" % (number, last),
                   *(["brd", "+"] if broadcast else []), "dev", name)
            if ipv6:
                ip("-n", host.namespace, "addr", "add", "fd00:%d::%d/64" % (number, last), "dev", name,
                   "nodad")
            ip("-n", host.namespace, "link", "set", name, "up")

    def __enter__(self):
        tried = subprocess.run([*OWN, "mount -t tmpfs run /run"], capture_output=True, text=True, timeout=20,
                               check=False)
        if tried.returncode != 0:
            self.__exit__()
            raise Impossible("no namespaces here: " + tried.stderr.strip())
        return self

    def __exit__(self, *_):
        for host in self.hosts:
            host.end()
        shutil.rmtree(self.folder, ignore_errors=True)
