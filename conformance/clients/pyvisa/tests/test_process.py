# SPDX-License-Identifier: MIT
"""The process around PyVISA: threads, fork, signals, many sessions, the end of the interpreter."""
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import pyvisa
from pyvisa import constants

import bench
from conftest import opener


def identities(kind, count, failures):
    """A manager and a session of its own in this thread; every answer must be the instrument's."""
    try:
        device = opener(pyvisa.ResourceManager(), kind)
        for _ in range(count):
            answer = device.query("*IDN?")
            if not answer.startswith(("FreeVISA,", "Keysight ")):
                failures.append((kind, answer))
        device.close()
    except Exception as error:  # noqa: BLE001 - shown by the test
        failures.append((kind, repr(error)))


def test_eighty_cycles_of_open_and_close_leave_nothing_behind(rm):
    """Open, ask, close at once, again: no descriptor, no thread, no refused connection."""
    opener(rm, "dmm").close()
    files, threads = len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
    for _ in range(80):
        device = opener(rm, "dmm")
        assert device.query("*IDN?").startswith("FreeVISA,")
        device.close()
    assert len(os.listdir("/proc/self/fd")) == files
    # Fewer: the watchdog of the test before this one had not quite ended at the beginning.
    assert len(os.listdir("/proc/self/task")) <= threads


def test_eighty_cycles_of_the_manager(library):
    for _ in range(80):
        manager = pyvisa.ResourceManager()
        assert opener(manager, "scope").query("*IDN?").startswith("FreeVISA,")
        manager.close()


def test_threads_with_sessions_of_their_own_get_their_own_answers(rm):
    """Pain 34: threads interleave or crash."""
    failures = []
    threads = [threading.Thread(target=identities, args=(kind, 100, failures))
               for kind in ("dmm", "scope", "pyvisa", "dmm", "scope")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert not failures
    assert not any(thread.is_alive() for thread in threads)


def test_threads_on_one_session_are_served_one_call_after_the_other(open_as):
    """Pain 34: one session, every write and every read whole. Two threads that each ask and read mix
    up whose answer it is, with any library; with a lock of their own around the pair they do not."""
    device = open_as("dmm")
    guard, failures = threading.Lock(), []

    def ask():
        for _ in range(100):
            device.timeout = 3000
            with guard:
                answer = device.query("*IDN?")
            if not answer.startswith("FreeVISA,"):
                failures.append(answer)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert not failures


def test_a_blocked_read_does_not_hold_up_other_sessions(open_as):
    quiet, busy = open_as("dmm", timeout=4000), open_as("scope")
    blocked = threading.Thread(target=lambda: pytest.raises(pyvisa.VisaIOError, quiet.read))
    blocked.start()
    for _ in range(20):
        assert busy.query("*IDN?")
    assert blocked.is_alive()
    blocked.join(20)
    assert not blocked.is_alive()


def in_fork(body):
    """Runs body() in a child made by fork; its exit code, 99 for an exception."""
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = body() or 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if hasattr(
        os, "waitstatus_to_exitcode") else os.WEXITSTATUS(os.waitpid(pid, 0)[1])


def test_a_fork_cannot_use_the_parents_session_and_does_not_harm_it(rm, open_as):
    """Pain 34: forked sessions fail. The child is told, its close is silent, the parent goes on."""
    device = open_as("dmm")

    def body():
        try:
            device.query("*IDN?")
            return 1
        except pyvisa.VisaIOError as error:
            if error.error_code != constants.StatusCode.error_invalid_object:
                return 2
        device.close()
        return 0

    assert in_fork(body) == 0
    for _ in range(3):
        assert device.query("*IDN?").startswith("FreeVISA,")


def test_a_fork_may_begin_anew(rm, open_as):
    device = open_as("dmm")

    def body():
        rm.close()
        fresh = opener(pyvisa.ResourceManager(), "scope")
        good = fresh.query("*IDN?").startswith("FreeVISA,Virtual Osc")
        fresh.close()
        return 0 if good else 1

    assert in_fork(body) == 0
    assert device.query("*IDN?").startswith("FreeVISA,")


def query_by(manager, kind):
    device = opener(manager, kind)
    answer = device.query("*IDN?")
    device.close()
    return answer


def worker_that_asks_for_the_manager_again(kind):
    """PyVISA keeps its manager and gives the child the parent's, session and all."""
    return query_by(pyvisa.ResourceManager(), kind)


@pytest.mark.parametrize("rounds", [1, 3])
def test_multiprocessing_workers_use_the_parents_manager(rm, open_as, rounds):
    """Pain 34: the parent has its manager and an instrument open when multiprocessing forks. The
    manager serves in the workers, the instrument goes on in the parent."""
    device = open_as("dmm")
    for _ in range(rounds):
        with multiprocessing.get_context("fork").Pool(2) as pool:
            jobs = pool.map_async(worker_that_asks_for_the_manager_again, ["scope", "dmm"] * 2)
            answers = jobs.get(40)
        assert [answer.split(",")[0] for answer in answers] == ["FreeVISA"] * 4
        assert device.query("*IDN?").startswith("FreeVISA,")


def test_the_managers_object_of_the_parent_serves_in_a_fork(rm, open_as):
    """From a thread, in a fork of a fork: the object itself, without asking for it again."""
    device = open_as("dmm")

    def body():
        if not query_by(rm, "scope").startswith("FreeVISA,") or not rm.list_resources("?*"):
            return 1
        return in_fork(lambda: 0 if query_by(rm, "scope").startswith("FreeVISA,") else 2)

    codes = []
    thread = threading.Thread(target=lambda: codes.append(in_fork(body)))
    thread.start()
    thread.join(40)
    assert codes == [0]
    assert in_fork(body) == 0
    assert device.query("*IDN?").startswith("FreeVISA,")


def worker(kind):
    manager = pyvisa.ResourceManager()
    return opener(manager, kind).query("*IDN?")


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing_workers_have_instruments_of_their_own(method):
    """Pain 34: multiprocessing. The manager lives in the workers, with either way of starting them."""
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        answers = pool.map_async(worker, ["dmm", "scope", "dmm", "scope"]).get(40)
    assert [answer.split(",")[0] for answer in answers] == ["FreeVISA"] * 4


INTERRUPTED = """
import signal, sys
import pyvisa
before = signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, [])
rm = pyvisa.ResourceManager()
try:
    rm.open_resource("TCPIP::127.0.0.1::1::SOCKET")
    sys.exit("opened a closed port")
except pyvisa.VisaIOError:
    pass
device = rm.open_resource(%r, timeout=%d, read_termination="\\n")
assert before == (signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, []))
try:
    device.read()
    sys.exit("read nothing at all")
except KeyboardInterrupt:
    print("interrupted")
print(device.query("*IDN?"))
"""


def wait_for_line(path, text, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                if any(text in line for line in file):
                    return True
        time.sleep(0.01)
    return False


def test_ctrl_c_during_a_read_is_pythons(tmp_path):
    """Pain 18: Ctrl-C is dead after a failed open. Handler and mask stay Python's; the signal ends
    neither the process nor the session, and KeyboardInterrupt comes when the call returns, within its
    timeout: a signal handler of Python's runs between byte codes, so never inside a library's call."""
    trace = str(tmp_path / "trace")
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED % (bench.name("dmm"), 1500)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env=dict(os.environ, FREEVISA_TRACE=trace))
    try:
        assert wait_for_line(trace, "> viRead(", 20)
        process.send_signal(signal.SIGINT)
        sent = time.monotonic()
        out, error = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0, error
    assert out.split("\n")[0] == "interrupted"
    assert out.split("\n")[1].startswith("FreeVISA,")
    assert time.monotonic() - sent < 15


def test_the_interpreter_ends_with_sessions_open(child):
    """No abort, no message, no hang when a script just ends."""
    done = child.run("""
import threading, pyvisa
rm = pyvisa.ResourceManager()
device = rm.open_resource(%r, timeout=20000)
def read():
    try:
        device.read_raw()
    except BaseException:
        pass
threading.Thread(target=read, daemon=True).start()
""" % bench.name("dmm"))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
