# SPDX-License-Identifier: MIT
"""QCoDeS: its driver of the Keysight 34461A against the bench's."""
import os

import numpy
import pytest
from qcodes.instrument_drivers.Keysight import Keysight34461A

FUNCTIONS = {  # function: parameter, unit, header, what is connected
    "DC Voltage": ("volt", "V", "VOLT", 3.125),
    "AC Voltage": ("ac_volt", "V", "VOLT:AC", 0.75),
    "DC Current": ("curr", "A", "CURR", 0.025),
    "AC Current": ("ac_curr", "A", "CURR:AC", 0.0125),
    "2 Wire Resistance": ("res", "Ohms", "RES", 4750.0),
    "4 Wire Resistance": ("four_wire_res", "Ohms", "FRES", 1.5e6),
}
DMM = "keysight_34461a"


@pytest.fixture
def dmm(address_of):
    one = Keysight34461A("dmm", address_of(DMM), silent=True)
    yield one
    assert one.error() == (0, "No error")
    one.close()


def connect(hand, header, value):
    hand.send(DMM, 'FUNC "%s";:SIM:INP %r' % (header, value))


def test_identity_and_options(dmm):
    assert dmm.get_idn()["vendor"] == "Keysight Technologies"
    assert dmm.get_idn()["model"] == "34461A"
    assert dmm._options() == ()
    assert dmm.line_frequency() == 50


def test_library_given_by_name(address_of, hand):
    library = os.environ.pop("PYVISA_LIBRARY")
    try:
        connect(hand, "VOLT", 1.5)
        one = Keysight34461A("named", address_of(DMM), silent=True, visalib=library)
        assert one.volt() == pytest.approx(1.5, rel=1e-4)
        assert one.visa_handle.visalib.library_path == library
        one.close()
    finally:
        os.environ["PYVISA_LIBRARY"] = library


@pytest.mark.parametrize("function", FUNCTIONS)
def test_values_are_those_connected(dmm, hand, function):
    parameter, unit, header, value = FUNCTIONS[function]
    connect(hand, header, value)
    connect(hand, "VOLT" if header != "VOLT" else "CURR", 0.0625)  # and another function selected
    before = dmm.sense_function()
    assert dmm.parameters[parameter]() == pytest.approx(value, rel=1e-4)
    assert dmm.parameters[parameter].unit == unit
    assert dmm.sense_function() == before, "the driver switches back"
    dmm.sense_function(function)
    assert dmm.sense_function() == function
    assert hand.send(DMM, "FUNC?") == '"%s"' % header
    assert dmm.read() == pytest.approx([value], rel=1e-4)
    connect(hand, header, value / 2)
    assert dmm.parameters[parameter]() == pytest.approx(value / 2, rel=1e-4)


def test_overload_is_infinite(dmm, hand):
    connect(hand, "VOLT", 5.0)
    dmm.range(1)
    assert dmm.volt() == numpy.inf
    connect(hand, "VOLT", -5.0)
    assert dmm.volt() == -numpy.inf


def test_range_and_autorange(dmm, hand):
    assert dmm.autorange() == "ON"
    dmm.range(100)
    assert (dmm.range(), dmm.autorange()) == (100, "OFF")
    connect(hand, "VOLT", 0.05)
    dmm.autorange_once()
    assert (dmm.range(), dmm.autorange()) == (0.1, "OFF")
    dmm.increase_range()
    assert dmm.range() == 1
    dmm.decrease_range()
    assert dmm.range() == pytest.approx(0.1)
    dmm.autorange("ON")
    assert dmm.autorange() == "ON"
    assert hand.send(DMM, "VOLT:RANG:AUTO?") == "1"


def test_integration_and_resolution(dmm):
    dmm.range(10)
    for nplc, resolution in ((0.02, 1e-3), (0.2, 1e-4), (1, 3e-5), (10, 1e-5), (100, 3e-6)):
        dmm.NPLC(nplc)
        assert dmm.NPLC() == nplc
        assert dmm.resolution() == pytest.approx(resolution)
    dmm.resolution(1e-3)
    assert dmm.NPLC() == 0.02
    for function in ("DC Current", "2 Wire Resistance", "4 Wire Resistance"):
        dmm.sense_function(function)
        dmm.NPLC(1)
        assert dmm.NPLC() == 1


def test_autozero(dmm):
    for function in ("DC Voltage", "DC Current", "2 Wire Resistance"):
        dmm.sense_function(function)
        assert dmm.autozero() == "ON"
        dmm.autozero("OFF")
        assert dmm.autozero() == "OFF"
        dmm.autozero("ON")
        dmm.autozero("ONCE")
        assert dmm.autozero() == "OFF"


def test_triggers_and_samples(dmm, hand):
    connect(hand, "VOLT", 2.5)
    assert (dmm.trigger.count(), dmm.sample.count()) == (1, 1)
    dmm.trigger.count(3)
    dmm.sample.count(4)
    assert dmm.read() == pytest.approx([2.5] * 12, rel=1e-4)
    dmm.trigger.count(1)
    dmm.trigger.source("BUS")
    dmm.init_measurement()
    dmm.trigger.force()
    assert dmm.fetch() == pytest.approx([2.5] * 4, rel=1e-4)
    dmm.init_measurement()
    dmm.abort_measurement()
    dmm.trigger.count("INF")
    assert dmm.trigger.count() > 9e37
    dmm.trigger.delay(0.25)
    assert (dmm.trigger.delay(), dmm.trigger.auto_delay_enabled()) == (0.25, False)
    dmm.trigger.slope("POS")
    assert dmm.trigger.slope() == "POS"
    dmm.sample.timer(1)
    assert dmm.sample.timer() == 1
    assert dmm.sample.timer_minimum() <= 0.2


def test_display(dmm, hand):
    dmm.display.text("in use")
    assert dmm.display.text() == "in use"
    assert hand.send(DMM, "DISP:TEXT?") == '"in use"'
    dmm.display.clear()
    assert dmm.display.text() == ""
    dmm.display.enabled(False)
    assert dmm.display.enabled() is False


def test_reset_reads_every_parameter_anew(dmm):
    dmm.sense_function("DC Current")
    dmm.sample.count(7)
    dmm.reset()  # with *OPC?, then a snapshot that asks for everything there is
    assert dmm.sample.count.cache() == 1
    snapshot = dmm.snapshot(update=True)
    asked = snapshot["parameters"]
    assert asked["sense_function"]["value"] == "DC Voltage"
    assert asked["autozero"]["value"] == "ON"
    assert snapshot["submodules"]["trigger"]["parameters"]["source"]["value"] == "IMM"


def test_errors_come_one_by_one(dmm):
    dmm.write("NO:SUCH")
    dmm.write("SAMP:COUN 0")
    assert dmm.error()[0] == -113
    assert dmm.error()[0] == -222
    dmm.flush_error_queue(verbose=False)


def test_timeout_is_the_callers_and_the_session_goes_on(dmm):
    import pyvisa
    dmm.timeout(0.2)
    with pytest.raises(pyvisa.errors.VisaIOError) as caught:
        dmm.ask("NO:SUCH?")
    assert caught.value.error_code == pyvisa.constants.StatusCode.error_timeout
    dmm.timeout(5)
    dmm.device_clear()
    dmm.write("*CLS")
    assert dmm.get_idn()["model"] == "34461A"
