# SPDX-License-Identifier: MIT
"""run.py BUILD_DIR DRIVERS

What viFindRsrc finds on networks of real responders (avahi, rpcbind, an old instrument), how long it
takes, and what it leaves alone. DRIVERS: those of this build, by comma; names that none of them opens are
not to be listed. Ends with `N passed, N failed, N skipped`. Exit code 77: no such networks here.
"""
import json
import os
import shutil
import sys
import unittest

import lab as laboratory

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1])
DRIVERS = sys.argv[2].split(",")
LIBRARY = os.path.join(BUILD, "libvisa.so.1")
FREEVISA = os.path.join(BUILD, "freevisa")
LATE = 0.5  # for a busy machine, and less than the second of a search; the figures that count are printed
PYTHON = shutil.which("python3", path="/usr/bin") or sys.executable

# The serial ports of this machine are none of the network's.
NO_PORTS = "[finder.serial]\nsearch = false\n"

ALL = [("_lxi._tcp", 80), ("_http._tcp", 80), ("_vxi-11._tcp", 111), ("_hislip._tcp", 4880),
       ("_scpi-raw._tcp", 5025), ("_scpi-telnet._tcp", 5024)]


def names(*hosts):
    """INSTR names of the hosts, as far as this build opens them."""
    found = []
    for host in hosts:
        for driver, device in (("hislip", "hislip0"), ("vxi11", "inst0")):
            if driver in DRIVERS:
                found.append("TCPIP0::%s::%s::INSTR" % (host, device))
    return found


def vxi11(*hosts):
    return ["TCPIP0::%s::inst0::INSTR" % host for host in hosts] if "vxi11" in DRIVERS else []


def hislip(*devices):
    return ["TCPIP0::%s::INSTR" % device for device in devices] if "hislip" in DRIVERS else []


def raw():
    """Told by mDNS alone. The last is the bench's."""
    return sorted("TCPIP0::%s::SOCKET" % place for place in
                  ("10.77.0.2::5025", "[fd00:79::2]::5025", "10.81.0.2::5026"))


def build_networks(lab):
    """The controller, one cable each to: an LXI instrument of today (toy), one that only answers the
    broadcast (gate), one that speaks IPv6 alone (six), one of the frugal kind (old), our own bench."""
    controller, toy, gate, six, old, bench = map(
        lab.host, ("controller", "toy", "gate", "six", "old", "bench"))
    lab.cable(controller, toy, 77, ipv6=True)
    lab.cable(controller, gate, 78, broadcast=False)
    lab.cable(controller, six, 79, ipv4=False, ipv6=True)
    lab.cable(controller, old, 80)
    lab.cable(controller, bench, 81)
    responder = "%s %s/responder.py" % (PYTHON, HERE)
    gate.daemon("rpcbind -w; %s register 1024; sleep 1000" % responder, ["ready"])
    old.daemon("%s plain 10.80.0.2" % responder, ["ready"])
    bench.daemon("%s sim --instrument dmm --bind 10.81.0.2 --portmapper 111 --announce" % FREEVISA,
                 ["\nready\n"])
    toy.avahi(ALL)
    six.avahi(ALL, ipv4="no")
    return controller


class Discovery(unittest.TestCase):
    lab = None
    controller = None

    def probe(self, *expressions, config="", host=None, trace=None):
        path = os.path.join(self.lab.folder, "freevisa.toml")
        with open(path, "w", encoding="ascii") as file:
            file.write(config + NO_PORTS)
        env = {"PATH": os.environ["PATH"], "FREEVISA_CONFIG": path, "HOME": self.lab.folder}
        if trace:
            env["FREEVISA_TRACE"] = trace
        done = (host or self.controller).run(PYTHON, os.path.join(HERE, "probe.py"), LIBRARY, *expressions,
                                             env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        results = [json.loads(line) for line in done.stdout.splitlines()]
        for expression, result in zip(expressions, results):
            print("    %-16s %.3f s, %d found" % (expression, result["seconds"], len(result["names"])))
            self.assertEqual(result["before"], result["after"], "descriptors, threads")
            self.assertLess(result["seconds"], 1.0 + LATE)
        return results

    def everything(self):
        return sorted(names("10.77.0.2", "[fd00:79::2]", "10.81.0.2") + vxi11("10.78.0.2", "10.80.0.2"))

    def test_1_all_of_them_are_found_within_a_second(self):
        """Pains 19 and 21: all networks at once, by mDNS and by broadcast, IPv4 and IPv6."""
        first, second, sockets = self.probe("?*", "TCPIP?*INSTR", "TCPIP?*SOCKET")
        self.assertEqual(sorted(first["names"]), self.everything())
        self.assertEqual(second["names"], first["names"])
        self.assertLess(second["seconds"], LATE)  # remembered
        self.assertEqual(sorted(sockets["names"]), raw())

    def test_2_the_order_is_the_same_each_time(self):
        runs = [self.probe("TCPIP?*SOCKET")[0]["names"] for _ in range(2)]
        self.assertEqual(runs[0], runs[1])
        self.assertEqual(len(runs[0]), 3)

    def test_3_the_command_lists_them(self):
        done = self.controller.run(FREEVISA, "list", "TCPIP?*(INSTR|SOCKET)",
                                   env={"PATH": os.environ["PATH"], "HOME": self.lab.folder})
        self.assertEqual(sorted(done.stdout.split()),
                         sorted(self.everything() + raw()), done.stderr)

    def test_3_its_table_says_what_they_are_and_how_they_were_found(self):
        done = self.controller.run(FREEVISA, "list", "--table", "TCPIP?*INSTR",
                                   env={"PATH": os.environ["PATH"], "HOME": self.lab.folder})
        print(done.stdout)
        for name in self.everything():
            line, = [line for line in done.stdout.splitlines() if line.startswith(name + " ")]
            broadcast = "10.78.0.2" in name or "10.80.0.2" in name
            self.assertTrue(line.endswith("  VXI-11 broadcast" if broadcast else "  mDNS"), line)
            if "10.81.0.2" in name:
                self.assertIn("FreeVISA Virtual Multimeter", line)

    def test_4_only_an_expression_that_can_match_searches(self):
        for result in self.probe("USB?*", "ASRL?*INSTR", "GPIB[0-9]*::?*"):
            self.assertEqual(result["names"], [])
            self.assertLess(result["seconds"], LATE)

    def test_5_one_line_switches_it_off(self):
        result, = self.probe("?*", config="[settings]\nlan_discovery = false\n")
        self.assertEqual(result["names"], [])
        self.assertLess(result["seconds"], LATE)

    def test_6_the_time_is_the_users(self):
        result, = self.probe("TCPIP?*SOCKET", config="[settings]\nfind_timeout_ms = 400\n")
        self.assertLess(result["seconds"], 0.4 + LATE)
        self.assertEqual(sorted(result["names"]), raw())

    def test_7_attributes_are_known_without_opening(self):
        result, = self.probe('?*SOCKET{VI_ATTR_TCPIP_ADDR == "10.77.0.2"}')
        self.assertEqual(result["names"], ["TCPIP0::10.77.0.2::5025::SOCKET"])

    def test_z_beside_a_running_avahi(self):
        self.controller.avahi([])
        first, = self.probe("?*(INSTR|SOCKET)")
        self.assertEqual(sorted(first["names"]),
                         sorted(self.everything() + raw()))
        own = self.controller.run(
            "sh", "-c", "ss -lnup | grep 5353", env={"PATH": os.environ["PATH"]})
        self.assertIn("avahi-daemon", own.stdout, "avahi was there all the time")

    def test_8_without_a_network_nothing_is_waited_for(self):
        alone = self.lab.host("alone")
        trace = os.path.join(self.lab.folder, "trace")
        result, = self.probe("?*", host=alone, trace=trace)
        self.assertEqual(result["names"], [])
        self.assertLess(result["seconds"], LATE)
        with open(trace, encoding="utf-8") as file:
            self.assertIn("find lan: no network interface is up", file.read())


    def test_what_is_found_opens(self):
        if "vxi11" not in DRIVERS:
            self.skipTest("this build has no VXI-11")
        done = self.controller.run(FREEVISA, "query", vxi11("10.81.0.2")[0], "*IDN?",
                                   env={"PATH": os.environ["PATH"], "HOME": self.lab.folder})
        self.assertIn("Virtual Multimeter", done.stdout, done.stderr)

    def test_lxi_tools_find_the_bench_and_talk_to_it(self):
        if shutil.which("lxi") is None:
            self.skipTest("lxi-tools is not installed")
        found = self.controller.run("lxi", "discover", "-t", "1")
        self.assertRegex(found.stdout, r"Virtual Multimeter.*10\.81\.0\.2", found.stderr)
        said = self.controller.run("lxi", "scpi", "-a", "10.81.0.2", "*IDN?")
        self.assertIn("Virtual Multimeter", said.stdout, said.stderr)


class SubAddresses(unittest.TestCase):
    """Two instruments behind one HiSLIP port, on a network of their own."""
    lab = None

    def test_a_sub_address_that_is_announced_is_listed_and_opens(self):
        if "hislip" not in DRIVERS:
            self.skipTest("this build has no HiSLIP")
        user, pair = map(self.lab.host, ("owner", "pair"))
        self.lab.cable(user, pair, 85)
        env = {"PATH": os.environ["PATH"], "HOME": self.lab.folder}
        for number, (option, port) in enumerate((("", ""), (" --hislip-port 5880", ",5880"))):
            pair.daemon("%s sim --instrument dmm --instrument psu --bind 10.85.0.2 --no-vxi11 --announce%s"
                        % (FREEVISA, option), ["\nready\n"])
            wanted = hislip("10.85.0.2::hislip0" + port, "10.85.0.2::hislip1" + port)
            for _ in range(10):  # a busy machine may lose one search
                done = user.run(FREEVISA, "list", "TCPIP?*INSTR", env=env)
                if sorted(done.stdout.split()) == wanted:
                    break
            self.assertEqual(sorted(done.stdout.split()), wanted, done.stderr)
            for device, model in (("hislip0", "Virtual Multimeter"), ("hislip1", "Virtual Power Supply")):
                done = user.run(FREEVISA, "query", "TCPIP0::10.85.0.2::%s%s::INSTR" % (device, port), "*IDN?",
                                env=env)
                self.assertIn(model, done.stdout, done.stderr)
            if number == 0:
                pair.end_daemons()


class Hostile(unittest.TestCase):
    """Networks of their own, where something is wrong with one host."""
    lab = None

    def run_program(self, host, script, *arguments, mounts=()):
        path = os.path.join(self.lab.folder, "none.toml")
        with open(path, "w", encoding="ascii") as file:
            file.write(NO_PORTS)
        trace = os.path.join(self.lab.folder, "trace-" + script)
        env = {"PATH": os.environ["PATH"], "FREEVISA_CONFIG": path, "HOME": self.lab.folder,
               "FREEVISA_TRACE": trace}
        # `ip netns exec` has mounts of its own: these end with the program.
        shell = "".join("mount --bind %s %s && " % pair for pair in mounts) + 'exec "$@"'
        done = host.run("sh", "-c", shell, "sh", PYTHON, os.path.join(HERE, script), LIBRARY, *arguments,
                        env=env, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(trace, encoding="utf-8") as file:
            return [json.loads(line) for line in done.stdout.splitlines()], file.read()

    def test_a_host_that_never_stops_answering_hides_nobody(self):
        if "vxi11" not in DRIVERS:
            self.skipTest("this build has no VXI-11")
        controller, flood, late = map(self.lab.host, ("asker", "flood", "late"))
        self.lab.cable(controller, flood, 82)
        self.lab.cable(controller, late, 83)
        for host, mode in ((flood, "flood"), (late, "late")):
            host.daemon("%s %s/responder.py %s" % (PYTHON, HERE, mode), ["ready"])
        (result,), trace = self.run_program(controller, "probe.py", "?*")
        print("    %.3f s, %s" % (result["seconds"], result["names"]))
        self.assertEqual(result["names"], vxi11("10.82.0.2", "10.83.0.2"))
        self.assertLess(result["seconds"], 1.0 + LATE)
        self.assertIn("find lan: 10.82.0.2: too many answers", trace)

    def test_a_dead_name_server_stands_in_the_way_of_no_name_that_needs_none(self):
        """Pain 33: names in /etc/hosts open while more look-ups than there are places for hang."""
        user, dead = map(self.lab.host, ("user", "dead"))
        self.lab.cable(user, dead, 84)
        dead.daemon("%s %s/responder.py mute 10.84.0.2" % (PYTHON, HERE), ["ready"])
        files = []
        for name, text in (("resolv.conf", "nameserver 10.84.0.2\noptions timeout:30 attempts:1\n"),
                           ("hosts", "127.0.0.1 localhost\n10.84.0.2 scope.lab meter\n"),
                           ("nsswitch.conf", "hosts: files dns\n")):
            path = os.path.join(self.lab.folder, name)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            files.append((path, "/etc/" + name))
        results, _ = self.run_program(user, "names.py", mounts=files)
        for result in results:
            print("    %(name)-14s %(status)08X %(seconds).3f s  %(detail)s" % result)
        by_name = {result["name"]: result for result in results}
        for name in ("10.84.0.2", "scope.lab", "METER"):
            self.assertEqual(by_name[name]["status"], 0, by_name[name])
            self.assertLess(by_name[name]["seconds"], 1.0)
        # Nobody listens there, which is another matter than an unknown name.
        self.assertIn("connection refused", by_name["localhost"]["detail"])
        # The first is one of eight that wait for the server; the last has found no place.
        self.assertIn("the name server does not answer", by_name["dead0.lab"]["detail"])
        self.assertIn("8 look-ups of other names still wait", by_name["late.lab"]["detail"])


class Counting(unittest.TextTestResult):
    def startTest(self, test):
        super().startTest(test)
        print(test.id().split(".")[-1], flush=True)


def main():
    try:
        with laboratory.Lab() as lab:
            Discovery.lab = lab
            Discovery.controller = build_networks(lab)
            suite = unittest.defaultTestLoader.loadTestsFromTestCase(Discovery)
            for case in (SubAddresses, Hostile):
                case.lab = lab
                suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
            result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Counting).run(suite)
    except laboratory.Impossible as reason:
        print("skipped: %s" % reason)
        print("0 passed, 0 failed, 1 skipped")
        sys.exit(77)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print("%d passed, %d failed, %d skipped" % (result.testsRun - failed - skipped, failed, skipped))
    sys.exit(0 if failed == 0 and result.testsRun > skipped else 1)


main()
