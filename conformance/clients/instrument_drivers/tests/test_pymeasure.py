# SPDX-License-Identifier: MIT
"""PyMeasure: its drivers of the 34401A and 34410A, whose commands the 34461A has too, and those of
generators and a supply whose commands the bench's have."""
import pytest
from pymeasure.instruments.agilent import Agilent33220A, Agilent33500, Agilent34410A
from pymeasure.instruments.hp import HP33120A, HP34401A
from pymeasure.instruments.keithley import Keithley2260B

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
    more = {}
    if address.endswith("SOCKET"):
        more = dict(read_termination="\n", write_termination="\n")
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


@pytest.mark.parametrize("driver", [HP33120A, Agilent33220A, Agilent33500])
def test_generator(address_of, hand, driver):
    one = opened(driver, address_of("fgen"))
    one.shape = "square" if driver is HP33120A else "SQU"
    one.frequency = 2500
    one.amplitude = 2
    one.offset = 0.5
    assert (one.frequency, one.amplitude, one.offset) == (2500, 2, 0.5)
    assert hand.send("fgen", "APPL?") == '"SQU +2.50000000E+03,+2.00000000E+00,+5.00000000E-01"'
    if driver is not HP33120A:
        one.square_dutycycle = 25
        assert one.square_dutycycle == 25
        one.voltage_high, one.voltage_low = 3, -1
        assert (one.voltage_high, one.voltage_low, one.amplitude, one.offset) == (3, -1, 4, 1)
        one.output = True
        assert one.output is True
        assert hand.send("fgen", "OUTP?") == "1"
    assert one.check_errors() == []
    one.adapter.close()


def test_channel_of_a_generator(address_of, hand):
    one = opened(Agilent33500, address_of("fgen"))
    one.ch_1.shape = "PULS"
    one.ch_1.pulse_period = 1e-3
    one.ch_1.pulse_width = 0.25e-3
    one.ch_1.output = True
    one.ch_1.output_load = 600
    assert one.ch_1.shape == "PULS"
    assert one.ch_1.frequency == pytest.approx(1000)
    assert one.ch_1.pulse_dutycycle == pytest.approx(25)
    assert one.ch_1.output_load == 600
    assert hand.send("fgen", "OUTP?") == "1"
    assert one.check_errors() == []
    one.adapter.close()


def test_supply(address_of, hand):
    hand.send("psu", "SIM1:LOAD 8")
    one = opened(Keithley2260B, address_of("psu"))
    one.applied = (4, 2)
    one.output_enabled = True
    assert one.output_enabled is True
    assert one.voltage == pytest.approx(4, abs=1e-3)
    assert one.current == pytest.approx(0.5, abs=1e-3)
    assert one.power == pytest.approx(2, abs=1e-3)
    one.current_limit = 0.25  # the load draws more: the supply holds the current
    assert one.voltage == pytest.approx(2, abs=1e-3)
    assert hand.send("psu", "STAT:QUES:COND?") == "1"
    one.output_enabled = False
    assert one.check_errors() == []
    assert hand.send("psu", "OUTP1?") == "0"
    hand.send("psu", "SIM1:LOAD DEF")
    one.adapter.close()
