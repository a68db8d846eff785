# SPDX-License-Identifier: MIT
"""Open, ask, fetch, lock, close: PyVISA against the bench's instruments."""
import ctypes
import hashlib
import socket
import struct
import time
import warnings

import pytest
import pyvisa
from pyvisa import constants

import bench

WORDS = 5_000_000  # 10 MB
TMO = constants.StatusCode.error_timeout
LOCKED = constants.StatusCode.error_resource_locked


def raises(code):
    """pytest.raises for one VISA status code."""
    return pytest.raises(pyvisa.VisaIOError, match=r"\(%d\)" % int(code))


def raw_record():
    """The scope's record through a plain socket: the truth the library is held against."""
    with socket.create_connection((bench.HOST, bench.PORTS["scope"]), 10) as link:
        link.sendall(b"CURV?\n")
        stream = link.makefile("rb")
        assert stream.read(1) == b"#"
        digits = int(stream.read(1))
        return stream.read(int(stream.read(digits)))


def test_query_answers_who_the_instrument_is(open_as):
    assert open_as("scope").query("*IDN?").startswith("FreeVISA,Virtual Oscilloscope")
    assert "Keysight " in open_as("pyvisa").query("*IDN?")


def test_an_alias_opens_its_resource(rm):
    """Pain 39: PyVISA's grammar refuses the alias, so it goes through the library's own open."""
    session, status = rm.open_bare_resource("scope")
    assert status == constants.StatusCode.success
    name = rm.visalib.get_attribute(session, constants.VI_ATTR_RSRC_NAME)[0]
    assert name == bench.name("scope")
    rm.visalib.close(session)


def test_bare_resource_asks_by_library_calls_alone(rm):
    session, _ = rm.open_bare_resource(bench.name("dmm"))
    lib = rm.visalib
    lib.set_attribute(session, constants.VI_ATTR_TERMCHAR_EN, True)
    lib.write(session, b"*IDN?\n")
    data, status = lib.read(session, 1000)
    assert data.startswith(b"FreeVISA,") and data.endswith(b"\n")
    assert status == constants.StatusCode.success_termination_character_read
    lib.close(session)


def test_binary_values_of_ten_megabytes_are_the_instruments(open_as):
    """Pain 13: large waveforms, whole and unharmed, line feeds and all."""
    scope = open_as("scope", timeout=20000)
    scope.write("WAV:POIN %d;FORM WORD;BYT LSBF" % WORDS)
    values = scope.query_binary_values("CURV?", datatype="h", container=list)
    data = struct.pack("<%dh" % WORDS, *values)
    assert b"\n" in data
    assert hashlib.sha256(data).digest() == hashlib.sha256(raw_record()).digest()
    assert scope.query("SYST:ERR?").startswith("0,")


def test_binary_values_with_numpy_and_the_usual_chunk_size(open_as):
    numpy = pytest.importorskip("numpy")
    scope = open_as("scope", timeout=20000)
    scope.write("WAV:POIN 1000000;FORM WORD;BYT LSBF")
    values = scope.query_binary_values("CURV?", datatype="h", container=numpy.array)
    assert values.tobytes() == raw_record()


def test_exclusive_access_mode_keeps_others_out(rm, open_as):
    """Pain 29: locks unsupported. The second open fails at once, as a lock wait of 0 says."""
    first = open_as("dmm", access_mode=constants.AccessModes.exclusive_lock)
    before = time.monotonic()
    with raises(LOCKED):
        open_as("dmm", access_mode=constants.AccessModes.exclusive_lock)
    with raises(LOCKED):
        open_as("dmm", access_mode=constants.AccessModes.shared_lock)
    assert time.monotonic() - before < 1.9  # where it waits, it waits as long as the timeout, 2 s
    second = open_as("dmm")
    with raises(LOCKED):
        second.write("*IDN?")
    assert first.query("*IDN?")
    first.unlock()
    assert second.query("*IDN?")
    assert len(rm.list_opened_resources()) == 2


def test_shared_access_mode_admits_its_kind_and_nobody_else(open_as):
    first = open_as("dmm", access_mode=constants.AccessModes.shared_lock)
    assert first.query("*IDN?")
    with raises(LOCKED):
        open_as("dmm", access_mode=constants.AccessModes.exclusive_lock)
    with raises(LOCKED):
        open_as("dmm").write("*IDN?")
    first.unlock()


def test_a_shared_key_is_handed_on(open_as):
    first, second, third = open_as("dmm"), open_as("dmm"), open_as("dmm")
    key = first.lock(timeout=0)
    second.lock(timeout=0, requested_key=key)
    assert second.query("*IDN?")
    with raises(LOCKED):
        third.query("*IDN?")
    second.unlock()
    first.unlock()
    assert third.query("*IDN?")


def test_waiting_for_a_lock_takes_the_time_it_was_given(open_as):
    first, second = open_as("dmm"), open_as("dmm")
    with first.lock_context(requested_key="exclusive"):
        before = time.monotonic()
        with pytest.raises(pyvisa.VisaIOError) as raised:
            second.lock_excl(timeout=300)
        assert 0.25 < time.monotonic() - before < 10
    assert raised.value.error_code in (TMO, LOCKED)


def test_last_status_is_that_of_the_last_call(rm, open_as):
    dmm = open_as("dmm", timeout=50)
    dmm.timeout = 60
    assert dmm.last_status == constants.StatusCode.success
    with raises(TMO):
        dmm.read()
    assert dmm.last_status == TMO
    assert rm.visalib.last_status == TMO
    assert dmm.query("*IDN?")
    assert dmm.last_status == constants.StatusCode.success_termination_character_read


def test_a_closed_session_is_invalid_for_good(rm, open_as):
    dmm = open_as("dmm")
    handle = dmm.session
    dmm.close()
    with pytest.raises(pyvisa.InvalidSession):
        dmm.query("*IDN?")
    with raises(constants.StatusCode.error_invalid_object):
        rm.visalib.write(handle, b"*IDN?\n")
    dmm.close()
    assert rm.list_opened_resources() == []


def test_closing_the_manager_closes_what_it_opened(open_as, rm):
    dmm = open_as("dmm")
    rm.close()
    with pytest.raises(pyvisa.InvalidSession):
        dmm.session


def test_a_timeout_is_kept_and_the_session_lives(open_as):
    """Pains 22, 33: the deadline holds, the next query gets its own answer."""
    dmm = open_as("dmm", timeout=200)
    before = time.monotonic()
    with raises(TMO):
        dmm.read()
    assert 0.19 <= time.monotonic() - before < 1.9  # 2 s is the default
    assert dmm.query("*IDN?").startswith("FreeVISA,")


def test_a_read_that_times_out_hands_over_what_came(rm, open_as):
    """SOCKET has no end of message: without termination character a short answer is a timeout with
    the data in the buffer (the library's part; PyVISA's read() drops it)."""
    device = open_as("pyvisa", read_termination=None, timeout=200)
    for line in (b"RECEIVE\n", b"test\n", b"SEND\n"):
        device.write_raw(line)
    buffer = ctypes.create_string_buffer(100)
    count = ctypes.c_uint32()
    with raises(TMO):
        rm.visalib.lib.viRead(device.session, buffer, 100, ctypes.byref(count))
    assert count.value == 5 and buffer.raw[:6] == b"test\n\0"


@pytest.mark.parametrize("milliseconds, kept", [(0, 0), (1, 1), (2000, 2000)])
def test_a_timeout_reads_back_as_it_was_set(open_as, milliseconds, kept):
    dmm = open_as("dmm")
    dmm.set_visa_attribute(constants.VI_ATTR_TMO_VALUE, milliseconds)
    assert dmm.get_visa_attribute(constants.VI_ATTR_TMO_VALUE) == kept


def test_an_infinite_timeout_waits_for_the_slow_answer(open_as):
    """Runner-up pain: an infinite timeout that is not."""
    device = open_as("pyvisa", timeout=None)
    for line in ("RCVSLOWSRQ", "late", "SENDSLOWSRQ"):
        device.write(line)
    assert device.read() == "late"


@pytest.mark.parametrize("ending", ["\n", "\r", ";"])
def test_reading_stops_at_the_termination_character(open_as, ending):
    device = open_as("pyvisa", read_termination=ending)
    device.write("RECEIVE")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        device.write("one%stwo%sthree" % (ending, ending) if ending != "\n" else "one")
    device.write("SEND")
    assert device.read() == "one"
    if ending != "\n":
        assert device.read() == "two"


def test_small_chunks_make_the_same_answer(open_as):
    """Pain 5: many small reads lose data."""
    dmm = open_as("dmm")
    whole = dmm.query("*IDN?")
    dmm.write("*IDN?")
    assert b"".join(dmm.read_bytes(1) for _ in whole + "\n") == whole.encode() + b"\n"
    dmm.chunk_size = 1
    assert dmm.query("*IDN?") == whole


def test_clear_takes_the_answer_that_is_still_on_its_way(open_as):
    """Pain 22: the next query gets the old answer. PyVISA's own test_clear relies on it, too."""
    device = open_as("dmm")
    for _ in range(50):
        device.write("*IDN?")
        device.clear()
        assert not device.query("*OPC?").startswith("FreeVISA,")


def test_load_config_takes_the_values_of_the_file(rm):
    """Pain 38: VI_LOAD_CONFIG."""
    session = ctypes.c_uint32()
    name = bench.name("scope").encode()
    rm.visalib.lib.viOpen(rm.session, name, 4, 0, ctypes.byref(session))
    assert rm.visalib.get_attribute(session.value, constants.VI_ATTR_TERMCHAR_EN)[0]
    rm.visalib.close(session.value)
