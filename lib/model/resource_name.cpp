// SPDX-License-Identifier: MIT
// The canonical form: keyword and class in capitals, board and class always written, a default
// written only where the standard shows it (inst0). Everything needed to open the same resource
// again is kept (VPP-4.3 3.4.x RSRC_NAME), for example a HiSLIP port other than 4880.
#include "lib/model/resource_name.h"

#include <cstdio>

#include "lib/model/ascii.h"

namespace visa::model {
namespace {

std::string hexadecimal(std::uint64_t value, int digits) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%0*llX", digits, static_cast<unsigned long long>(value));
  return text;
}

void append_field(std::string& out, std::string_view field) {
  out += "::";
  out += field;
}

void append_field(std::string& out, std::uint64_t number) {
  append_field(out, std::to_string(number));
}

void append_host(std::string& out, const ResourceName& name) {
  out += "::";
  if (name.has_credential) {
    out += name.credential;
    out += '@';
  }
  if (name.host_is_ipv6) {
    out += '[';
    out += name.host;
    out += ']';
  } else {
    out += name.host;
  }
}

void append_tcpip(std::string& out, const ResourceName& name) {
  if (name.resource_class == ResourceClass::servant) return;
  append_host(out, name);
  if (name.resource_class == ResourceClass::socket) {
    append_field(out, name.port);
    return;
  }
  append_field(out, name.device);
  if (name.kind == Kind::tcpip_hislip && name.port != kDefaultHislipPort) {
    out += ',';
    out += std::to_string(name.port);
  }
}

void append_pxi(std::string& out, const ResourceName& name) {
  if (name.resource_class == ResourceClass::memacc) return;
  if (name.resource_class == ResourceClass::backplane) {
    append_field(out, name.pxi_chassis.value_or(0));
    return;
  }
  if (name.pxi_chassis.has_value()) {
    append_field(out, "CHASSIS" + std::to_string(*name.pxi_chassis));
    append_field(out, "SLOT" + std::to_string(name.pxi_slot));
    if (name.pxi_slot_index != 0) out += ".INDEX" + std::to_string(name.pxi_slot_index);
    if (name.pxi_function != 0) append_field(out, "FUNC" + std::to_string(name.pxi_function));
    return;
  }
  out += "::";
  if (name.pxi_bus != 0) out += std::to_string(name.pxi_bus) + "-";
  out += std::to_string(name.pxi_device);
  if (name.pxi_function != 0) out += "." + std::to_string(name.pxi_function);
}

void append_vxi(std::string& out, const ResourceName& name) {
  if (name.resource_class == ResourceClass::instr) {
    append_field(out, name.vxi_logical_address);
  } else if (name.resource_class == ResourceClass::backplane && name.vxi_mainframe.has_value()) {
    append_field(out, *name.vxi_mainframe);
  }
}

void append_usb(std::string& out, const ResourceName& name) {
  append_field(out, hexadecimal(name.usb_vendor, 4));
  append_field(out, hexadecimal(name.usb_product, 4));
  append_field(out, name.usb_serial);
  if (name.usb_interface.has_value()) append_field(out, *name.usb_interface);
}

void append_firewire(std::string& out, const ResourceName& name) {
  if (name.firewire_vendor.has_value()) append_field(out, hexadecimal(*name.firewire_vendor, 6));
  if (name.firewire_chip.has_value()) append_field(out, hexadecimal(*name.firewire_chip, 10));
}

void append_fields(std::string& out, const ResourceName& name) {
  switch (name.interface) {
    case Interface::asrl:
      if (!name.host.empty()) {
        append_host(out, name);
        append_field(out, name.port);
      }
      return;
    case Interface::gpib:
      if (name.resource_class == ResourceClass::instr) {
        append_field(out, name.gpib_primary);
        if (name.gpib_secondary.has_value()) append_field(out, *name.gpib_secondary);
      }
      return;
    case Interface::gpib_vxi:
    case Interface::vxi:
      return append_vxi(out, name);
    case Interface::pxi:
      return append_pxi(out, name);
    case Interface::tcpip:
      return append_tcpip(out, name);
    case Interface::usb:
      return append_usb(out, name);
    case Interface::firewire:
      return append_firewire(out, name);
    case Interface::none:
      return;
  }
}

}  // namespace

std::string ResourceName::canonical() const {
  std::string out(keyword(interface));
  out += path.empty() ? std::to_string(board) : path;
  append_fields(out, *this);
  append_field(out, keyword(resource_class));
  return out;
}

std::string ResourceName::key() const {
  if (path.empty()) return lower_case(canonical());
  // File names are case-sensitive: /dev/ttyS0 and /dev/TTYS0 are two files.
  return lower_case(keyword(interface)) + path + "::" + lower_case(keyword(resource_class));
}

}  // namespace visa::model
