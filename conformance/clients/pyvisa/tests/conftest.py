# SPDX-License-Identifier: MIT
"""Fixtures for our PyVISA tests. Started by ../run.py, which has the bench running and the environment
set: PYVISA_LIBRARY, FREEVISA_CONFIG. Every test has 60 s; a hang ends the run with a stack trace."""
import faulthandler
import os
import subprocess
import sys

import pytest
import pyvisa

import bench


@pytest.fixture(autouse=True)
def time_limit():
    faulthandler.dump_traceback_later(60, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def rm():
    """What a user writes: no argument."""
    manager = pyvisa.ResourceManager()
    yield manager
    manager.close()


def opener(manager, kind, **settings):
    return manager.open_resource(bench.name(kind), **dict(
        {"read_termination": "\n", "write_termination": "\n", "timeout": 5000}, **settings))


@pytest.fixture
def open_as(rm):
    """open_as("scope"): a session to that instrument of the bench."""
    return lambda kind, **settings: opener(rm, kind, **settings)


@pytest.fixture
def library():
    return os.environ["PYVISA_LIBRARY"]


class Child:
    """A Python program beside this one, with the same environment unless told otherwise."""

    @staticmethod
    def run(source, timeout=30, **environment):
        return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True,
                              timeout=timeout, check=False, env=dict(os.environ, **environment))


@pytest.fixture
def child():
    return Child
