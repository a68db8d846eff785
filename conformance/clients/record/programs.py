# SPDX-License-Identifier: MIT
"""The PyVISA program that is recorded: programs.py LIBRARY OUTPUT NAME..., the multimeter and the oscilloscope.

Writes every answer as it came to OUTPUT. Binary answers, one query again and again, polls of the status byte,
a request for service, a trigger, a clear, a timeout, a secret; what the wire does not have is left out.
"""
import sys

import pyvisa
from pyvisa import constants


def talk(note, dmm, ends):
    note(dmm.query("*IDN?"))
    for _ in range(4):
        note(dmm.query("READ?"))
    dmm.write("NO:SUCH:COMMAND 1")
    note(dmm.query("SYST:ERR?"))
    note(dmm.query("SYST:ERR?"))
    dmm.write("SYSTem:PASSword \"geheim\"")
    note(dmm.query("SYST:ERR?"))
    dmm.write("*CLS")
    dmm.timeout = 200
    try:
        note(dmm.read())
    except pyvisa.VisaIOError as error:
        note(str(error.error_code))
    dmm.timeout = 5000
    if not ends:
        return
    dmm.clear()
    dmm.write("TRIG:SOUR BUS;:INIT")
    dmm.assert_trigger()
    note(dmm.query("FETC?"))
    dmm.write("TRIG:SOUR IMM")
    dmm.write("*CLS;*ESE 1;*SRE 32")
    dmm.enable_event(constants.EventType.service_request, constants.EventMechanism.queue)
    dmm.write("*OPC")
    dmm.wait_on_event(constants.EventType.service_request, 5000)
    note(str(dmm.read_stb()))
    note(str(dmm.read_stb()))
    dmm.disable_event(constants.EventType.service_request, constants.EventMechanism.queue)
    note(dmm.query("*ESR?"))


def main():
    library, output, dmm_name, scope_name = sys.argv[1:5]
    manager = pyvisa.ResourceManager(library)
    with open(output, "wb") as out:
        def note(data):
            out.write(data.encode() if isinstance(data, str) else data)
            out.write(b"|\n")

        def opened(name):
            resource = manager.open_resource(name)
            resource.timeout = 5000
            resource.read_termination = resource.write_termination = "\n"
            return resource

        dmm = opened(dmm_name)
        talk(note, dmm, not dmm_name.endswith(("dmm", "serial")))
        scope = opened(scope_name)
        scope.write("WAV:POIN 20000;FORM WORD;BYT LSBF")
        note(scope.query_binary_values("CURV?", datatype="B", container=bytes, chunk_size=1000))
        note(scope.query_binary_values("CURV?", datatype="B", container=bytes))
        note(scope.query("*OPC?"))
        note(scope.query("WAV:PRE?"))
    manager.close()


main()
