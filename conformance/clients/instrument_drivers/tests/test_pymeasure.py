# SPDX-License-Identifier: MIT
"""PyMeasure: its drivers of the 34401A and 34410A, whose commands the 34461A has too."""
import pytest
from pymeasure.instruments.agilent import Agilent34410A
from pymeasure.instruments.hp import HP34401A

DMM = "keysight_34461a"
VALUES = {  # of HP34401A.function_: header, what is connected
    "DCV": ("VOLT", 3.125), "ACV": ("VOLT:AC", 0.75), "DCI": ("CURR", 0.025),
    "ACI": ("CURR:AC", 0.0125), "R2W": ("RES", 4750.0), "R4W": ("FRES", 1.5e6),
    "FREQ": ("FREQ", 1234.5), "PERIOD": ("PER", 0.00125), "CONTINUITY": ("CONT", 4.5),
    "DIODE": ("DIOD", 0.625), "DCV_RATIO": ("VOLT:RAT", 0.75),
}


def connect(hand, header, value):
    hand.send(DMM, 'FUNC "%s";:SIM:INP %r' % (header, value))


def opened(driver, address):
    """As PyMeasure's users open them: a socket has no END, so it needs the line feed."""
    more = {"read_termination": "\n", "write_termination": "\n"} if address.endswith("SOCKET") else {}
    return driver(address, timeout=5000, **more)


@pytest.fixture
def dmm(address_of):
    one = opened(HP34401A, address_of(DMM))
    yield one
    assert one.check_errors() == []
    one.adapter.close()


def test_34410a_measures_what_is_connected(address_of, hand):
    one = opened(Agilent34410A, address_of(DMM))
    assert one.id.startswith("Keysight Technologies,34461A,")
    assert one.complete == "1"
    properties = {"voltage_dc": "DCV", "voltage_ac": "ACV", "current_dc": "DCI", "current_ac": "ACI",
                  "resistance": "R2W", "resistance_4w": "R4W"}
    for name, function in properties.items():
        header, value = VALUES[function]
        connect(hand, header, value)
        assert getattr(one, name) == pytest.approx(value, rel=1e-4), name
        assert hand.send(DMM, "FUNC?") == '"%s"' % header
    assert one.check_errors() == []
    one.adapter.close()


@pytest.mark.parametrize("function", VALUES)
def test_34401a_function_switches_the_meter(dmm, hand, function):
    header, value = VALUES[function]
    connect(hand, header, value)
    hand.send(DMM, "*RST")
    dmm.function_ = function
    assert dmm.function_ == function
    assert hand.send(DMM, "FUNC?") == '"%s"' % header
    assert dmm.reading == pytest.approx(value, rel=1e-4)
    if function in HP34401A.FUNCTIONS_WITH_RANGE:
        assert dmm.autorange is True
        wide = {"DCI": 1, "ACI": 1, "R2W": 1e5, "R4W": 1e7}.get(function, 100)
        dmm.range_ = wide
        if function not in ("FREQ", "PERIOD"):
            assert dmm.range_ == wide
            assert dmm.autorange is False
        assert dmm.reading == pytest.approx(value, rel=1e-2)
        dmm.autorange = True


@pytest.mark.parametrize("function", ["DCV", "DCI", "R2W", "R4W", "DCV_RATIO"])
def test_34401a_integration(dmm, function):
    dmm.function_ = function
    assert dmm.nplc == 10
    dmm.nplc = 0.02
    assert dmm.nplc == 0.02
    coarse = dmm.resolution
    dmm.nplc = "MAX"
    assert dmm.nplc == 100
    assert dmm.resolution < coarse


def test_34401a_gate_time(dmm):
    for function in ("FREQ", "PERIOD"):
        dmm.function_ = function
        assert dmm.gate_time == 0.1
        dmm.gate_time = 1
        assert dmm.gate_time == 1


def test_34401a_settings(dmm):
    switches = {"autozero_enabled": True, "auto_input_impedance_enabled": False,
                "trigger_auto_delay_enabled": True, "display_enabled": True, "beeper_enabled": True}
    for name, usual in switches.items():
        assert getattr(dmm, name) is usual, name
        setattr(dmm, name, not usual)
        assert getattr(dmm, name) is not usual, name
        setattr(dmm, name, usual)
    dmm.trigger_single_autozero()
    assert dmm.autozero_enabled is False
    assert dmm.terminals_used == "FRONT"
    dmm.detector_bandwidth = 200
    assert dmm.detector_bandwidth == 200
    dmm.displayed_text = "in use"
    assert dmm.displayed_text == "in use"
    dmm.trigger_delay = "MIN"
    assert dmm.trigger_delay == 0
    dmm.beep()
    dmm.remote_control_enabled = True
    dmm.remote_control_enabled = False
    assert dmm.scpi_version == 1994
    assert dmm.self_test_result == 0
    assert int(dmm.status) & 0x20 == 0


def test_34401a_triggers_and_samples(dmm, hand):
    connect(hand, "VOLT", 2.5)
    dmm.trigger_count = 2
    dmm.sample_count = 3
    assert (dmm.trigger_count, dmm.sample_count) == (2, 3)
    assert dmm.reading == pytest.approx([2.5] * 6, rel=1e-4)
    assert dmm.stored_readings_count == 6
    assert dmm.stored_reading == pytest.approx([2.5] * 6, rel=1e-4)
    dmm.trigger_count = 1
    dmm.trigger_source = "BUS"
    assert dmm.trigger_source == "BUS"
    dmm.init_trigger()
    dmm.write("*TRG")
    assert dmm.stored_reading == pytest.approx([2.5] * 3, rel=1e-4)


def test_errors_are_read_to_the_end(dmm):
    dmm.write("NO:SUCH")
    dmm.write("SAMP:COUN 0")
    assert [error[0] for error in dmm.check_errors()] == [-113, -222]
    assert dmm.next_error[0] == 0
