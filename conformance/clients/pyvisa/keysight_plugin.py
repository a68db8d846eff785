# SPDX-License-Identifier: MIT
"""A pytest plugin around PyVISA's own instrument tests (pyvisa.testsuite.keysight_assisted_tests).

The tests run as PyVISA installs them. What this adds, and prints:
- MINIMAL_TIMEOUT is 0: FreeVISA keeps a timeout of 0 as it is (the PyVISA versions disagree: 1, 10, 0).
- The shell tests wait 1 s for the shell to start and 0.1 s for it to end; here 10 s, because a busy
  machine is no failure of the library.
- Upstream's xfail marks do not count (--runxfail): what fails is a failure unless a list names it.
- not_ours.txt names what can pass on no library. A test on it runs; failing makes it a skip with the
  list's reason, passing is a failure, so that the list cannot go stale. A line `never` there is not run
  at all.
"""
import os
import subprocess
import threading

import pytest
import pyvisa
from pyvisa.testsuite import keysight_assisted_tests as suite

HERE = os.path.dirname(os.path.abspath(__file__))
VERSION = "1.11.3" if pyvisa.__version__ == "1.11.3" else "newer"
PATIENCE = 10  # seconds


class PatientEvent(threading.Event):
    def wait(self, timeout=None):
        return super().wait(timeout and max(timeout, PATIENCE))


class PatientProcess(subprocess.Popen):
    def wait(self, timeout=None):
        return super().wait(timeout and max(timeout, PATIENCE))


def read_list():
    """{test: (never run, reason)} of this PyVISA version. A line: TEST VERSION[,never] REASON."""
    result = {}
    with open(os.path.join(HERE, "not_ours.txt"), encoding="ascii") as lines:
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


class Verdicts:
    def __init__(self):
        self.not_ours = read_list()
        self.said = []
        self.told = []

    def select(self, items, config):
        unknown = sorted(set(self.not_ours) - {key(item) for item in items})
        if unknown:
            raise pytest.UsageError("listed, but PyVISA %s has no such test: %s"
                                    % (pyvisa.__version__, ", ".join(unknown)))
        never = {test: reason for test, (never, reason) in self.not_ours.items() if never}
        self.said += ["deselected: %s: %s" % entry for entry in sorted(never.items())]
        config.hook.pytest_deselected(items=[item for item in items if key(item) in never])
        items[:] = [item for item in items if key(item) not in never]

    def judge(self, item, report):
        if key(item) not in self.not_ours or report.skipped or report.when == "teardown":
            return
        reason = self.not_ours[key(item)][1]
        name = "%s%s" % (key(item), item.name[len(getattr(item, "originalname", item.name)):])
        if report.failed:
            report.outcome = "skipped"
            report.longrepr = (str(item.fspath), item.location[1] or 0, "Skipped: " + reason)
            self.told.append("%s: %s" % (name, reason))
        elif report.when == "call":
            report.outcome = "failed"
            report.longrepr = "%s passes, but is listed (%s): take it off the list" % (name, reason)


def pytest_configure(config):
    config.freevisa_verdicts = Verdicts()


@pytest.hookimpl(tryfirst=True)  # before -k takes listed tests away
def pytest_collection_modifyitems(config, items):
    verdicts = config.freevisa_verdicts
    for item in items:
        minimum = getattr(item.cls, "MINIMAL_TIMEOUT", None)
        if minimum is not None and minimum != 0:
            verdicts.said.append("%s.MINIMAL_TIMEOUT is 0, not %d: FreeVISA keeps a timeout of 0"
                              % (item.cls.__name__, minimum))
            item.cls.MINIMAL_TIMEOUT = 0
        if item.cls is not None and item.cls.__name__ == "TestVisaShell":
            item.module.Event = PatientEvent
            item.module.Popen = PatientProcess
    verdicts.said.append("the shell may take %d s to start, to answer and to end" % PATIENCE)
    verdicts.select(items, config)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    item.config.freevisa_verdicts.judge(item, outcome.get_result())


def pytest_terminal_summary(terminalreporter, config):
    terminalreporter.section("PyVISA %s, %s" % (pyvisa.__version__,
                                                 ", ".join(suite.RESOURCE_ADDRESSES.values())))
    for line in config.freevisa_verdicts.said + config.freevisa_verdicts.told:
        terminalreporter.line(line)
