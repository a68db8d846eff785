# SPDX-License-Identifier: MIT
"""A pytest plugin around PyVISA's own instrument tests (pyvisa.testsuite.keysight_assisted_tests).

The tests run as PyVISA installs them. What this adds, and prints:
- MINIMAL_TIMEOUT is 0: FreeVISA keeps a timeout of 0 as it is (the PyVISA versions disagree: 1, 10, 0).
- The shell tests wait 1 s for the shell to start and 0.1 s for it to end; here 10 s, because a busy
  machine is no failure of the library.
- Upstream's xfail marks do not count (--runxfail): what fails is a failure unless a list names it.
- not_yet.txt names what waits for a part of FreeVISA that is not there; not_ours.txt what can pass on
  no library. A test on a list runs; failing makes it a skip with the list's reason, passing is a
  failure, so that the lists cannot go stale. A line `never` there is not run at all.
- FREEVISA_KEYSIGHT_FIRST=SOCKET puts the SOCKET address first, where the tests of the resource manager
  and the shell take the one they open, and runs those of not_yet.txt again.
"""
import os
import subprocess
import threading

import pytest
import pyvisa
from pyvisa.testsuite import keysight_assisted_tests as suite

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = "1.11.3" if pyvisa.__version__ == "1.11.3" else "newer"
SOCKET_FIRST = os.environ.get("FREEVISA_KEYSIGHT_FIRST") == "SOCKET"
# With the SOCKET address first. The first opens number 0 of the list, an INSTR. The others read from a
# session whose termination character is off, and a SOCKET has no other end of message.
NOT_OVER_SOCKET = {
    "test_shell.py::TestVisaShell::test_open_by_number": "opens an INSTR whatever the address",
    "test_shell.py::TestVisaShell::test_query": "the shell reads SOCKET without termination character",
    "test_shell.py::TestVisaShell::test_read_write":
        "the shell reads SOCKET without termination character",
}


PATIENCE = 10  # seconds


class PatientEvent(threading.Event):
    def wait(self, timeout=None):
        return super().wait(timeout and max(timeout, PATIENCE))


class PatientProcess(subprocess.Popen):
    def wait(self, timeout=None):
        return super().wait(timeout and max(timeout, PATIENCE))


def read_list(file):
    """{test: (never run, reason)} of this PyVISA version. A line: TEST VERSION[,never] REASON."""
    result = {}
    with open(os.path.join(HERE, file), encoding="ascii") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                test, versions, reason = line.split(None, 2)
                version, _, never = versions.partition(",")
                if version in ("all", VERSION):
                    result[test] = (never == "never", reason.strip())
    return result


def key(item):
    parts = [os.path.basename(str(item.fspath))]
    if item.cls is not None:
        parts.append(item.cls.__name__)
    return "::".join([*parts, getattr(item, "originalname", None) or item.name])


class Lists:
    def __init__(self):
        self.not_yet = read_list("not_yet.txt")
        self.not_ours = read_list("not_ours.txt")
        self.reasons = {}
        self.said = []
        self.told = []

    def reason(self, item):
        return self.reasons.get(key(item))

    def select(self, items, config):
        found = {key(item) for item in items}
        unknown = sorted((set(self.not_yet) | set(self.not_ours)) - found)
        if unknown:
            raise pytest.UsageError("listed, but PyVISA %s has no such test: %s"
                                    % (pyvisa.__version__, ", ".join(unknown)))
        if SOCKET_FIRST:
            wanted = {test for test in self.not_yet if "TestTCPIPInstr" not in test}
            self.reasons = dict(NOT_OVER_SOCKET)
        else:
            never = {test: reason for test, (never, reason) in self.not_ours.items() if never}
            wanted = found - set(never)
            self.reasons = {test: "not yet: " + reason for test, (_, reason) in self.not_yet.items()}
            self.reasons.update({test: reason for test, (_, reason) in self.not_ours.items()})
            self.said += ["deselected: %s: %s" % entry for entry in sorted(never.items())]
        dropped = [item for item in items if key(item) not in wanted]
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if key(item) in wanted]

    def judge(self, item, report):
        reason = self.reason(item)
        if reason is None or report.skipped or report.when == "teardown":
            return
        name = "%s%s" % (key(item), item.name[len(getattr(item, "originalname", item.name)):])
        if report.failed:
            report.outcome = "skipped"
            report.longrepr = (str(item.fspath), item.location[1] or 0, "Skipped: " + reason)
            self.told.append("%s: %s" % (name, reason))
        elif report.when == "call":
            report.outcome = "failed"
            report.longrepr = "%s passes, but is listed (%s): take it off the list" % (name, reason)


def pytest_configure(config):
    if SOCKET_FIRST:
        addresses = suite.RESOURCE_ADDRESSES
        for kind in [kind for kind in addresses if not kind.endswith("SOCKET")]:
            addresses[kind] = addresses.pop(kind)
    config.freevisa_lists = Lists()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    lists = config.freevisa_lists
    for item in items:
        minimum = getattr(item.cls, "MINIMAL_TIMEOUT", None)
        if minimum is not None and minimum != 0:
            lists.said.append("%s.MINIMAL_TIMEOUT is 0, not %d: FreeVISA keeps a timeout of 0"
                              % (item.cls.__name__, minimum))
            item.cls.MINIMAL_TIMEOUT = 0
        if item.cls is not None and item.cls.__name__ == "TestVisaShell":
            item.module.Event = PatientEvent
            item.module.Popen = PatientProcess
    lists.said.append("the shell may take %d s to start, to answer and to end" % PATIENCE)
    lists.select(items, config)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    item.config.freevisa_lists.judge(item, outcome.get_result())


def pytest_terminal_summary(terminalreporter, config):
    first = next(iter(suite.RESOURCE_ADDRESSES.values()))
    terminalreporter.section("PyVISA %s, first address %s" % (pyvisa.__version__, first))
    for line in config.freevisa_lists.said + config.freevisa_lists.told:
        terminalreporter.line(line)
