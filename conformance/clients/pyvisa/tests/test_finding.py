# SPDX-License-Identifier: MIT
"""What PyVISA lists and knows before anything is open. Pains are those of today's users."""
import ctypes
import os

import pytest
import pyvisa
from pyvisa import constants

import bench

ALL = ("TCPIP0::127.0.0.1::inst0::INSTR",) + tuple(bench.name(kind) for kind in bench.PORTS)
EXPECTED_VENDOR = "FreeVISA"


def write_config(folder, text):
    path = os.path.join(str(folder), "own.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def test_manager_without_argument_is_on_our_library(rm, library):
    """Pain 40: found, loads, has every symbol PyVISA looks for."""
    assert os.path.realpath(rm.visalib.library_path) == os.path.realpath(library)
    assert rm.last_status == constants.StatusCode.success


def test_configured_resources_are_listed_in_the_order_of_the_file(rm):
    """Pain 19: LAN devices missing from list_resources. The default asks for INSTR only."""
    assert rm.list_resources("?*") == ALL
    assert rm.list_resources() == ALL[:1]
    assert rm.list_resources("?*::SOCKET") == ALL[1:]


def test_listing_takes_what_the_expression_says(rm):
    assert rm.list_resources("TCPIP?*502[67]::SOCKET") == ALL[2:]
    assert rm.list_resources("tcpip?*5026?*") == (ALL[2],)
    assert rm.list_resources("GPIB?*") == ()
    assert rm.list_resources("?*{VI_ATTR_TCPIP_PORT == 5027}") == (ALL[3],)


def test_list_resources_info_names_every_part(rm):
    infos = rm.list_resources_info("?*")
    assert tuple(infos) == ALL
    info = infos[bench.name("scope")]
    assert info.interface_type == constants.InterfaceType.tcpip
    assert info.interface_board_number == 0
    assert info.resource_class == "SOCKET"
    assert info.resource_name == bench.name("scope")
    assert info.alias == "scope"


def test_resource_info_of_a_name_nobody_configured(rm):
    info = rm.resource_info("tcpip::192.0.2.7::9221::socket")
    assert info.resource_name == "TCPIP0::192.0.2.7::9221::SOCKET"
    assert info.resource_class == "SOCKET"
    assert not info.alias


def test_resource_info_of_an_alias_is_that_of_its_resource(rm):
    """Pain 39: missing aliases. PyVISA's own grammar would refuse the word, so the library decides."""
    assert rm.visalib.parse_resource_extended(rm.session, "SCOPE")[0].resource_name == bench.name(
        "scope")


def test_a_name_that_is_none_is_refused_as_such(rm):
    with pytest.raises(pyvisa.VisaIOError) as raised:
        rm.visalib.parse_resource_extended(rm.session, "no such thing")
    assert raised.value.error_code == constants.StatusCode.error_invalid_resource_name


def test_a_fixed_gpib_name_reaches_an_instrument_on_the_network(child, tmp_path):
    """Without a word about terminations: END of the bus is made of line feeds, also after a block."""
    config = write_config(tmp_path, '[[resource]]\nname = "%s"\ninstead_of = "GPIB0::2::INSTR"\n'
                          '[finder.serial]\nsearch = false\n' % bench.name("scope"))
    done = child.run("""
import pyvisa
rm = pyvisa.ResourceManager()
print(rm.list_resources(), rm.list_resources_info("GPIB?*")["GPIB0::2::INSTR"].alias)
scope = rm.open_resource("GPIB0::2::INSTR")
print(type(scope).__name__, scope.query("*IDN?").strip())
scope.write("WAV:POIN 4000;FORM WORD")
values = scope.query_binary_values("CURV?", datatype="h", is_big_endian=True)
print(len(values), scope.query("*OPC?").strip())
scope.clear()
scope.close()
""", FREEVISA_CONFIG=config)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "('GPIB0::2::INSTR',) " + bench.name("scope"),
        "GPIBInstrument FreeVISA,Virtual Oscilloscope,SIM-SCOPE-0001,1.0",
        "4000 1"]


def test_every_string_is_ascii_whatever_the_configuration_holds(child, tmp_path):
    """PyVISA decodes ASCII: one other byte and the user sees UnicodeDecodeError."""
    path = write_config(tmp_path, '[[resource]]\nname = "%s"\nalias = "Multim\u00e8tre \u03a9"\n'
                        % bench.name("dmm"))
    folder = tmp_path / "M\u00fcller"
    folder.mkdir()
    config = str(folder / "\u03a9.toml")
    os.rename(path, config)
    done = child.run("""
import warnings
warnings.simplefilter("ignore")
import pyvisa
rm = pyvisa.ResourceManager()
print(rm.list_resources_info("?*"))
print(rm.visalib.status_description(rm.session, 0x3FFF0077))
""", FREEVISA_CONFIG=config, LC_ALL="C.UTF-8")
    assert done.returncode == 0, done.stderr
    assert bench.name("dmm") in done.stdout
    assert done.stdout.isascii(), done.stdout


def test_every_status_description_is_ascii_and_terminated(rm, library):
    """Also those of codes nobody defined. The buffer has 256 bytes, and not one more is written."""
    describe = ctypes.CDLL(library).viStatusDesc
    for code in [*(int(code) for code in constants.StatusCode), 0x3FFF1234, -1]:
        buffer = ctypes.create_string_buffer(b"\xaa" * 300, 301)
        describe(rm.session, ctypes.c_int32(code & 0xFFFFFFFF), buffer)
        text = buffer.raw[:buffer.raw.index(b"\0")]
        assert text and len(text) < 256 and text.decode("ascii").isprintable()
        assert buffer.raw[256:300] == b"\xaa" * 44


def test_the_manager_says_vendor_implementation_and_specification(rm):
    """What pyvisa-info asks for; one refusal there and the whole block is lost."""
    lib = rm.visalib

    def ask(attribute):
        return lib.get_attribute(rm.session, attribute)[0]

    assert ask(constants.VI_ATTR_RSRC_MANF_NAME) == EXPECTED_VENDOR
    assert ask(constants.VI_ATTR_RSRC_SPEC_VERSION) == 0x00700200
    assert ask(constants.VI_ATTR_RSRC_IMPL_VERSION) > 0
