# SPDX-License-Identifier: MIT
"""A pytest plugin for machines that may stand still for seconds: a test of PyVISA that chooses no timeout has 10 s
instead of the 100 ms that its class sets."""


def pytest_runtest_call(item):
    instrument = getattr(item.instance, "instr", None)
    if instrument is not None:
        instrument.timeout = 10000
