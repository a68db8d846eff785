// SPDX-License-Identifier: MIT
// The grammar and the canonical forms of resource names, with every form of VPP-4.3 4.3, and the
// rules of single fields.
#include "lib/model/resource_name.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lib/model/ascii.h"

namespace visa::model {
namespace {

std::string canonical(std::string_view text) {
  const auto name = parse_resource_name(text);
  return name ? name->canonical() : "refused";
}

ResourceName parsed(std::string_view text) {
  auto name = parse_resource_name(text);
  EXPECT_TRUE(name) << text;
  return name ? *name : ResourceName{};
}

Status status_of(std::string_view text) {
  return parse_resource_name(text).status();
}

struct Example {
  std::string_view input;
  std::string_view canonical;
};

// The table of section 2, and one row for every form of section 1.
constexpr Example kExamples[] = {
    {"gpib::5", "GPIB0::5::INSTR"},
    {"GPIB1::5::2", "GPIB1::5::2::INSTR"},
    {"gpib0::intfc", "GPIB0::INTFC"},
    {"ASRL1", "ASRL1::INSTR"},
    {"tcpip::10.0.0.5", "TCPIP0::10.0.0.5::inst0::INSTR"},
    {"TCPIP::10.0.0.5::gpib0,5::INSTR", "TCPIP0::10.0.0.5::gpib0,5::INSTR"},
    {"TCPIP0::10.0.0.5::HISLIP0", "TCPIP0::10.0.0.5::hislip0::INSTR"},
    {"TCPIP0::10.0.0.5::hislip0,5000::instr", "TCPIP0::10.0.0.5::hislip0,5000::INSTR"},
    {"TCPIP::lab@scope1::hislip0", "TCPIP0::lab@scope1::hislip0::INSTR"},
    {"TCPIP0::[fe80::1]::hislip0::INSTR", "TCPIP0::[fe80::1]::hislip0::INSTR"},
    {"TCPIP::host::5025::SOCKET", "TCPIP0::host::5025::SOCKET"},
    {"USB::0x1234::0x5678::A22-5", "USB0::0x1234::0x5678::A22-5::INSTR"},
    {"USB0::4660::22136::A22-5::0::INSTR", "USB0::0x1234::0x5678::A22-5::INSTR"},
    {"vxi::1", "VXI0::1::INSTR"},
    {"VXI::MEMACC", "VXI0::MEMACC"},
    {"GPIB-VXI::9", "GPIB-VXI0::9::INSTR"},
    {"PXI::3-18.2", "PXI0::3-18.2::INSTR"},
    // section 1
    {"ASRL", "ASRL0::INSTR"},
    {"asrl12::instr", "ASRL12::INSTR"},
    {"ASRL::enet.lab::3::INSTR", "ASRL0::enet.lab::3::INSTR"},
    {"ASRL0::10.0.0.9::4::INSTR", "ASRL0::10.0.0.9::4::INSTR"},
    {"ASRL/dev/ttyUSB0::INSTR", "ASRL/dev/ttyUSB0::INSTR"},
    {"asrl/dev/ttyUSB0", "ASRL/dev/ttyUSB0::INSTR"},
    {"GPIB2::0::INSTR", "GPIB2::0::INSTR"},
    {"GPIB::30::30", "GPIB0::30::30::INSTR"},
    {"GPIB::5::0", "GPIB0::5::0::INSTR"},
    {"GPIB::SERVANT", "GPIB0::SERVANT"},
    {"gpib-vxi1::9::instr", "GPIB-VXI1::9::INSTR"},
    {"GPIB-VXI::MEMACC", "GPIB-VXI0::MEMACC"},
    {"GPIB-VXI::BACKPLANE", "GPIB-VXI0::BACKPLANE"},
    {"GPIB-VXI2::1::BACKPLANE", "GPIB-VXI2::1::BACKPLANE"},
    {"VXI::511::INSTR", "VXI0::511::INSTR"},
    {"VXI1::BACKPLANE", "VXI1::BACKPLANE"},
    {"VXI1::0::BACKPLANE", "VXI1::0::BACKPLANE"},
    {"VXI::SERVANT", "VXI0::SERVANT"},
    {"PXI::15", "PXI0::15::INSTR"},
    {"PXI3::18::1::INSTR", "PXI0::3-18.1::INSTR"},
    {"PXI1::3-18", "PXI1::3-18::INSTR"},
    {"PXI0::0-18.0", "PXI0::18::INSTR"},
    {"pxi::chassis1::slot4", "PXI0::CHASSIS1::SLOT4::INSTR"},
    {"PXI0::CHASSIS1::SLOT4::FUNC1::INSTR", "PXI0::CHASSIS1::SLOT4::FUNC1::INSTR"},
    {"PXI0::CHASSIS1::SLOT4.INDEX2::FUNC1", "PXI0::CHASSIS1::SLOT4.INDEX2::FUNC1::INSTR"},
    {"PXI::2::BACKPLANE", "PXI0::2::BACKPLANE"},
    {"PXI::MEMACC", "PXI0::MEMACC"},
    {"TCPIP2::scope.local", "TCPIP2::scope.local::inst0::INSTR"},
    {"TCPIP::scope::INST1::INSTR", "TCPIP0::scope::inst1::INSTR"},
    {"TCPIP::scope::gpib0,5,1", "TCPIP0::scope::gpib0,5,1::INSTR"},
    {"TCPIP::scope::vxi0,24", "TCPIP0::scope::vxi0,24::INSTR"},
    {"TCPIP::scope::hislip0,4880", "TCPIP0::scope::hislip0::INSTR"},
    {"TCPIP::#lab@scope::HISLIP1,49152", "TCPIP0::#lab@scope::hislip1,49152::INSTR"},
    {"TCPIP::@scope::hislip0", "TCPIP0::@scope::hislip0::INSTR"},
    {"TCPIP::lab@scope::5025::SOCKET", "TCPIP0::lab@scope::5025::SOCKET"},
    {"TCPIP::SERVANT", "TCPIP0::SERVANT"},
    // leading zeros are decimal, as instruments show them, and do not stay
    {"TCPIP::192.168.001.020", "TCPIP0::192.168.1.20::inst0::INSTR"},
    {"TCPIP::010.000.000.007::5025::SOCKET", "TCPIP0::10.0.0.7::5025::SOCKET"},
    {"TCPIP::010.0.0.7::gpib0,05::INSTR", "TCPIP0::10.0.0.7::gpib0,05::INSTR"},
    {"TCPIP::lab@010.0.0.7::hislip0", "TCPIP0::lab@10.0.0.7::hislip0::INSTR"},
    {"TCPIP::0000.0.0.00255", "TCPIP0::0.0.0.255::inst0::INSTR"},
    {"ASRL0::010.0.0.009::4::INSTR", "ASRL0::10.0.0.9::4::INSTR"},
    {"TCPIP::0x7f.example", "TCPIP0::0x7f.example::inst0::INSTR"},
    {"TCPIP::[fe80::0012]::hislip0", "TCPIP0::[fe80::0012]::hislip0::INSTR"},
    {"USB1::2391::5957::MY1::3", "USB1::0x0957::0x1745::MY1::3::INSTR"},
    {"USB::0xABCD::0XEF01::S N::RAW", "USB0::0xABCD::0xEF01::S N::RAW"},
    {"USB::1::2::SN::2::raw", "USB0::0x0001::0x0002::SN::2::RAW"},
    {"FIREWIRE::0x00ABCD::0x12::INSTR", "FIREWIRE0::0x00ABCD::0x0000000012::INSTR"},
    {"FIREWIRE1::INSTR", "FIREWIRE1::INSTR"},
};

TEST(ResourceName, EveryExampleHasItsCanonicalForm) {
  for (const Example& example : kExamples) {
    EXPECT_EQ(canonical(example.input), example.canonical) << example.input;
  }
}

TEST(ResourceName, CanonicalNamesParseToThemselves) {
  for (const Example& example : kExamples) {
    EXPECT_EQ(canonical(example.canonical), example.canonical);
  }
}

// RULE 4.3.17, 4.3.20
TEST(ResourceName, rule_4_3_17_case_does_not_matter_in_any_part) {
  for (const Example& example : kExamples) {
    const ResourceName name = parsed(example.input);
    if (!name.path.empty()) {
      continue;  // file names know case
    }
    std::string upper(example.input);
    for (char& c : upper) {
      c = to_upper(c);
    }
    EXPECT_EQ(parsed(upper), name) << upper;
    EXPECT_EQ(parsed(lower_case(example.input)), name) << example.input;
  }
  EXPECT_EQ(canonical("TCPIP::h::HISLIP0,49152"), "TCPIP0::h::hislip0,49152::INSTR");
}

TEST(ResourceName, RefusesWhatTheGrammarDoesNotHave) {
  const std::vector<std::string> refused = {
      // the table of section 2
      "GPIB0", "TCPIP0", "USB0::1", "FOO0::1::INSTR", "GPIB0::31", "TCPIP::h::SOCKET",
      "GPIB0::5::SOCKET", "", "\"\"",
      // empty and extra fields
      "GPIB0::::INSTR", "GPIB0::", "GPIB0::5::", "::", "GPIB0::5:::INSTR", "GPIB0::5::1::1::INSTR",
      "ASRL1::INSTR::INSTR", "VXI0::1::MEMACC", "GPIB0::5::INTFC", "TCPIP::h::inst0::x::INSTR",
      "TCPIP::::inst0::INSTR", "USB::1::2::SN::0::0::INSTR", "USB::1::2::My::SN::INSTR::INSTR",
      "PXI::1::2::3::INSTR",
      // classes the interface does not have
      "ASRL1::RAW", "VXI0::INTFC", "GPIB-VXI0::SERVANT", "PXI0::1::SERVANT", "TCPIP::h::1::RAW",
      "USB::1::2::SN::SOCKET", "TCPIP::MEMACC", "FIREWIRE0::1::2::RAW", "GPIB0::INSTR",
      // numbers
      "GPIB+1::5", "GPIB-1::5", "GPIB65536::5", "GPIB0::-1", "GPIB0::5::31", "GPIB0::5::96",
      "GPIB0::0x5", "GPIB0::5 ", "VXI0::512", "VXI0::256::BACKPLANE", "PXI0::32", "PXI0::1.8",
      "PXI0::256-1", "PXI0::1-2-3", "PXI256::1::0", "PXI0::CHASSIS::SLOT1", "PXI0::CHASSIS1",
      "PXI0::CHASSIS1::SLOT0", "PXI0::CHASSIS1::SLOT1.INDEX", "PXI0::CHASSIS1::SLOT1::FUNC8",
      "PXI0::BACKPLANE", "USB::65536::1::S", "USB::0x::1::S", "USB::0x10000::1::S",
      "USB::1::2::S::255", "USB::1::2::S::x", "TCPIP::h::0::SOCKET", "TCPIP::h::65536::SOCKET",
      "TCPIP::h::x::SOCKET", "TCPIP::h::hislip0,0", "TCPIP::h::hislip0,65536", "TCPIP::h::hislip0,",
      "TCPIP::h::hislip0,1,2", "TCPIP::h::hislip 0", "ASRL99999", "ASRL0::h::0::INSTR",
      "ASRL1::h::1::INSTR", "ASRL0::h::1", "ASRL0::h::INSTR", "FIREWIRE::1::2",
      "FIREWIRE::0x1000000::2::INSTR", "FIREWIRE::1::0x10000000000::INSTR",
      "GPIB0::99999999999999999999", "USB::0xFFFFFFFFFFFFFFFFF::1::S",
      // hosts
      "TCPIP::fe80::1::hislip0", "TCPIP::[fe80::1", "TCPIP::fe80::1]", "TCPIP::[]", "TCPIP::[::g]",
      "TCPIP::[10.0.0.1]", "TCPIP::[fe80::1%]", "TCPIP::[fe80::1%zone-name-too-long]",
      "TCPIP::[[::1]]", "TCPIP::[::1]x", "TCPIP::10.0.0.256", "TCPIP::10.0.0", "TCPIP::1",
      "TCPIP::-h", "TCPIP::.h", "TCPIP::a..b", "TCPIP::a b", "TCPIP::a/b", "TCPIP::h\xC3\xA9",
      "TCPIP::0x7f.1", "TCPIP::0x7f000001", "TCPIP::10.0.0.0x7", "TCPIP::0x", "TCPIP::1.2.3.4.",
      "TCPIP::1.2.3.4.5", "TCPIP::010.0.0.0256", "TCPIP::[::ffff:010.0.0.7]", "TCPIP::a@",
      "TCPIP::a:b", "TCPIP::a@b@::hislip0", "TCPIP::lab@h::inst0", "TCPIP::lab@h",
      "TCPIP::la b@h::hislip0",
      // lan device names
      "TCPIP::h::5025", "TCPIP::h::5025::INSTR", "TCPIP::h::hislip_0", "TCPIP::h::in st0",
      // not ours
      "visa://host/GPIB0::1::INSTR", "COM1", "VICP::host::INSTR", "PRLGX-ASRL1::INTFC", "GPIBX::1",
      "ASRL/", "ASRL//::x", "ASRLdev::INSTR", " GPIB0::5", "ASRL/dev/tty 0"};
  for (const std::string& text : refused) {
    EXPECT_EQ(status_of(text), Status::error_inv_rsrc_name) << text << " -> " << canonical(text);
  }
}

// Found by the random test: the canonical form of these did not parse.
TEST(ResourceName, RefusesALastFieldThatEndsInAColon) {
  for (const std::string_view text : {"USB::1::2::S:", "ASRL/dev/ttyUSB0:", "TCPIP::h::abc:"}) {
    EXPECT_EQ(status_of(text), Status::error_inv_rsrc_name) << text;
  }
  EXPECT_EQ(canonical("USB::1::2::S:N"), "USB0::0x0001::0x0002::S:N::INSTR");
}

TEST(ResourceName, RefusesControlCharactersAndNul) {
  EXPECT_EQ(status_of(std::string_view("GPIB0::5\0", 9)), Status::error_inv_rsrc_name);
  EXPECT_EQ(status_of("GPIB0::5\n"), Status::error_inv_rsrc_name);
  EXPECT_EQ(status_of("USB::1::2::S\tN"), Status::error_inv_rsrc_name);
  EXPECT_EQ(status_of("USB::1::2::S\x80"), Status::error_inv_rsrc_name);
}

TEST(ResourceName, CanonicalFormIsBelow256Characters) {
  const std::string head = "TCPIP0::";
  const std::string tail = "::inst0::INSTR";
  const std::string fits = head + std::string(255 - head.size() - tail.size(), 'h') + tail;
  EXPECT_EQ(canonical(fits), fits);
  EXPECT_EQ(fits.size(), 255U);
  EXPECT_EQ(status_of(fits + "x"), Status::error_inv_rsrc_name);
  // short enough itself, too long once the defaults are written out
  const std::string grows = "TCPIP::" + std::string(240, 'h');
  EXPECT_EQ(status_of(grows), Status::error_inv_rsrc_name);
  EXPECT_EQ(status_of(std::string(1 << 20, ':')), Status::error_inv_rsrc_name);
  EXPECT_EQ(status_of("GPIB0::" + std::string(300, '0') + "5"), Status::error_inv_rsrc_name);
}

TEST(ResourceName, TakesTheHostApart) {
  const ResourceName v6 = parsed("TCPIP::lab@[fe80::1%eth0]::HISLIP2,5000");
  EXPECT_EQ(v6.host, "fe80::1%eth0");
  EXPECT_TRUE(v6.host_is_ipv6);
  EXPECT_TRUE(v6.has_credential);
  EXPECT_EQ(v6.credential, "lab");
  EXPECT_EQ(v6.device, "hislip2");
  EXPECT_EQ(v6.port, 5000);
  EXPECT_EQ(v6.canonical(), "TCPIP0::lab@[fe80::1%eth0]::hislip2,5000::INSTR");

  const ResourceName two_at = parsed("TCPIP::user@lab@scope::hislip0");
  EXPECT_EQ(two_at.credential, "user@lab");
  EXPECT_EQ(two_at.host, "scope");

  const ResourceName plain = parsed("TCPIP::Scope-1.Local.::5025::SOCKET");
  EXPECT_EQ(plain.host, "Scope-1.Local.");  // as typed
  EXPECT_FALSE(plain.host_is_ipv6);
  EXPECT_FALSE(plain.has_credential);
  EXPECT_EQ(plain.port, 5025);
}

TEST(ResourceName, DeviceNameDecidesTheProtocol) {
  EXPECT_EQ(parsed("TCPIP::h").kind, Kind::tcpip_vxi11);
  EXPECT_EQ(parsed("TCPIP::h").port, 0);
  EXPECT_EQ(parsed("TCPIP::h::hislip").kind, Kind::tcpip_hislip);
  EXPECT_EQ(parsed("TCPIP::h::hislip0").port, 4880);
  EXPECT_EQ(parsed("TCPIP::h::gpib0,5").kind, Kind::tcpip_vxi11);
  // Names of gateways keep their case, and brackets protect theirs.
  EXPECT_EQ(canonical("tcpip::h::COM1,488::instr"), "TCPIP0::h::COM1,488::INSTR");
  EXPECT_EQ(canonical("TCPIP::h::usb0[0x957::0x1755::SN::0]"),
            "TCPIP0::h::usb0[0x957::0x1755::SN::0]::INSTR");
  EXPECT_EQ(parsed("TCPIP::h::com1,488"), parsed("TCPIP::h::COM1,488"));
}

TEST(ResourceName, FillsTheFieldsOfEveryInterface) {
  const ResourceName gpib = parsed("GPIB3::7::9");
  EXPECT_EQ(gpib.interface, Interface::gpib);
  EXPECT_EQ(gpib.resource_class, ResourceClass::instr);
  EXPECT_EQ(gpib.kind, Kind::gpib_instr);
  EXPECT_EQ(gpib.board, 3);
  EXPECT_EQ(gpib.gpib_primary, 7);
  EXPECT_EQ(gpib.gpib_secondary, 9);
  EXPECT_FALSE(parsed("GPIB3::7").gpib_secondary.has_value());

  const ResourceName raw = parsed("USB2::0x957::5973::My:SN::1::RAW");
  EXPECT_EQ(raw.kind, Kind::usb_raw);
  EXPECT_EQ(raw.usb_vendor, 0x957);
  EXPECT_EQ(raw.usb_product, 5973);
  EXPECT_EQ(raw.usb_serial, "My:SN");
  EXPECT_EQ(raw.usb_interface, 1);
  EXPECT_FALSE(parsed("USB::1::2::S::0").usb_interface.has_value());
  EXPECT_EQ(parsed("USB::1::2::INSTR::INSTR").usb_serial, "INSTR");

  const ResourceName pxi = parsed("PXI7::4-5.6");
  EXPECT_EQ(pxi.board, 7);
  EXPECT_EQ(pxi.pxi_bus, 4);
  EXPECT_EQ(pxi.pxi_device, 5);
  EXPECT_EQ(pxi.pxi_function, 6);
  const ResourceName slot = parsed("PXI0::CHASSIS2::SLOT18.INDEX3::FUNC7");
  EXPECT_EQ(slot.pxi_chassis, 2);
  EXPECT_EQ(slot.pxi_slot, 18);
  EXPECT_EQ(slot.pxi_slot_index, 3);
  EXPECT_EQ(slot.pxi_function, 7);

  EXPECT_EQ(parsed("VXI::7").vxi_logical_address, 7);
  EXPECT_EQ(parsed("VXI::7::BACKPLANE").vxi_mainframe, 7);
  EXPECT_EQ(parsed("ASRL/dev/ttyS0").path, "/dev/ttyS0");
  EXPECT_EQ(parsed("ASRL/dev/serial/by-path/pci-0:1:14.0-port0").path,
            "/dev/serial/by-path/pci-0:1:14.0-port0");
  EXPECT_EQ(parsed("ASRL::h::2::INSTR").port, 2);
  EXPECT_EQ(parsed("FIREWIRE::0x1::2::INSTR").firewire_chip, 2U);
}

TEST(ResourceName, KeysAreEqualExactlyWhenTheResourceIs) {
  EXPECT_EQ(parsed("TCPIP::HOST::inst0"), parsed("tcpip0::host"));
  EXPECT_EQ(parsed("USB::1::2::abc"), parsed("USB0::0x1::0x2::ABC::0::INSTR"));
  EXPECT_NE(parsed("TCPIP::h::hislip0"), parsed("TCPIP::h::inst0"));
  EXPECT_NE(parsed("TCPIP::h::hislip0"), parsed("TCPIP::h::hislip0,4881"));
  EXPECT_NE(parsed("ASRL/dev/ttyS0"), parsed("ASRL/dev/TTYS0"));
  EXPECT_EQ(parsed("ASRL/dev/ttyS0"), parsed("asrl/dev/ttyS0::instr"));
}

}  // namespace
}  // namespace visa::model
