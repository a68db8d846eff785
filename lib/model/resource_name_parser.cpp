// SPDX-License-Identifier: MIT
// The grammar of VPP-4.3 4.3, one function per interface. Every number is bounded, empty and extra
// fields are refused, blanks are not skipped. What the standard leaves open is decided here:
//  - a secondary GPIB address is 0..30; the 96..126 of the bus is no VISA address;
//  - PXI<n>::device::function is the old form, whose <n> is the bus; without a function <n> is the
//    interface of the new form;
//  - a lan device name begins with a letter, so that TCPIP::host::5025 without ::SOCKET is refused
//    at once instead of timing out as VXI-11; inst, gpib, vxi and hislip names become lower case;
//  - a credential is taken for HiSLIP and SOCKET; VXI-11 knows no secure connection;
//  - digits and dots alone are an IPv4 address or nothing.
#include <algorithm>

#include "lib/model/ascii.h"
#include "lib/model/resource_host.h"
#include "lib/model/resource_name.h"
#include "lib/model/resource_name_fields.h"

namespace visa::model {
namespace {

bool parse_asrl(const Fields& fields, ResourceName& name) {
  name.kind = Kind::asrl_instr;
  if (name.resource_class != ResourceClass::instr) {
    return false;
  }
  if (fields.count == 0) {
    return true;
  }
  return name.path.empty() && name.board == 0 && fields.class_written && fields.count == 2 &&
         read_host(fields[0], name) && !name.has_credential &&
         read_number(fields[1], 1, 0xFFFF, name.port);
}

bool parse_gpib(const Fields& fields, ResourceName& name) {
  switch (name.resource_class) {
    case ResourceClass::intfc:
      name.kind = Kind::gpib_intfc;
      return fields.count == 0;
    case ResourceClass::servant:
      name.kind = Kind::gpib_servant;
      return fields.count == 0;
    case ResourceClass::instr:
      name.kind = Kind::gpib_instr;
      if (fields.count == 2) {
        std::uint8_t secondary = 0;
        if (!read_number(fields[1], 0, 30, secondary)) {
          return false;
        }
        name.gpib_secondary = secondary;
      }
      return (fields.count == 1 || fields.count == 2) &&
             read_number(fields[0], 0, 30, name.gpib_primary);
    default:
      return false;
  }
}

bool parse_vxi(const Fields& fields, ResourceName& name) {
  const bool behind_gpib = name.interface == Interface::gpib_vxi;
  switch (name.resource_class) {
    case ResourceClass::instr:
      name.kind = behind_gpib ? Kind::gpib_vxi_instr : Kind::vxi_instr;
      return fields.count == 1 && read_number(fields[0], 0, 511, name.vxi_logical_address);
    case ResourceClass::memacc:
      name.kind = behind_gpib ? Kind::gpib_vxi_memacc : Kind::vxi_memacc;
      return fields.count == 0;
    case ResourceClass::backplane: {
      name.kind = behind_gpib ? Kind::gpib_vxi_backplane : Kind::vxi_backplane;
      if (fields.count == 0) {
        return true;
      }
      std::uint16_t mainframe = 0;
      if (fields.count != 1 || !read_number(fields[0], 0, 255, mainframe)) {
        return false;
      }
      name.vxi_mainframe = mainframe;
      return true;
    }
    case ResourceClass::servant:
      name.kind = Kind::vxi_servant;
      return !behind_gpib && fields.count == 0;
    default:
      return false;
  }
}

bool parse_pxi_place(const Fields& fields, ResourceName& name) {
  std::uint8_t chassis = 0;
  if (fields.count < 2 || fields.count > 3 ||
      !read_numbered(fields[0], "CHASSIS", 0, 255, chassis)) {
    return false;
  }
  name.pxi_chassis = chassis;
  std::string_view slot = fields[1];
  if (const std::size_t dot = slot.find('.'); dot != std::string_view::npos) {
    if (!read_numbered(slot.substr(dot + 1), "INDEX", 0, 255, name.pxi_slot_index)) {
      return false;
    }
    slot = slot.substr(0, dot);
  }
  return read_numbered(slot, "SLOT", 1, 255, name.pxi_slot) &&
         (fields.count == 2 || read_numbered(fields[2], "FUNC", 0, 7, name.pxi_function));
}

bool parse_pxi_device(const Fields& fields, ResourceName& name) {
  if (fields.count == 2) {
    if (name.board > 255 || !read_number(fields[0], 0, 31, name.pxi_device) ||
        !read_number(fields[1], 0, 7, name.pxi_function)) {
      return false;
    }
    name.pxi_bus = static_cast<std::uint8_t>(name.board);
    name.board = 0;
    return true;
  }
  if (fields.count != 1) {
    return false;
  }
  std::string_view device = fields[0];
  if (const std::size_t dash = device.find('-'); dash != std::string_view::npos) {
    if (!read_number(device.substr(0, dash), 0, 255, name.pxi_bus)) {
      return false;
    }
    device.remove_prefix(dash + 1);
  }
  if (const std::size_t dot = device.find('.'); dot != std::string_view::npos) {
    if (!read_number(device.substr(dot + 1), 0, 7, name.pxi_function)) {
      return false;
    }
    device = device.substr(0, dot);
  }
  return read_number(device, 0, 31, name.pxi_device);
}

bool parse_pxi(const Fields& fields, ResourceName& name) {
  switch (name.resource_class) {
    case ResourceClass::instr:
      name.kind = Kind::pxi_instr;
      return fields.count != 0 && starts_without_case(fields[0], "CHASSIS")
                 ? parse_pxi_place(fields, name)
                 : parse_pxi_device(fields, name);
    case ResourceClass::memacc:
      name.kind = Kind::pxi_memacc;
      return fields.count == 0;
    case ResourceClass::backplane: {
      name.kind = Kind::pxi_backplane;
      std::uint8_t chassis = 0;
      if (fields.count != 1 || !read_number(fields[0], 0, 255, chassis)) {
        return false;
      }
      name.pxi_chassis = chassis;
      return true;
    }
    default:
      return false;
  }
}

/// RULE 4.3.6, 4.3.7: the device name decides the protocol.
bool read_device(std::string_view text, ResourceName& name) {
  if (!is_letter(text.front()) || !all(text, [](char c) { return c > ' '; })) {
    return false;
  }
  if (starts_without_case(text, "hislip")) {
    name.kind = Kind::tcpip_hislip;
    name.port = kDefaultHislipPort;
    if (const std::size_t comma = text.find(','); comma != std::string_view::npos) {
      if (!read_number(text.substr(comma + 1), 1, 0xFFFF, name.port)) {
        return false;
      }
      text = text.substr(0, comma);
    }
    name.device = lower_case(text);
    return all(text, is_alphanumeric);
  }
  name.kind = Kind::tcpip_vxi11;
  const bool known = starts_without_case(text, "inst") || starts_without_case(text, "gpib") ||
                     starts_without_case(text, "vxi");
  name.device = known ? lower_case(text) : std::string(text);
  return !name.has_credential;
}

bool parse_tcpip(const Fields& fields, ResourceName& name) {
  switch (name.resource_class) {
    case ResourceClass::instr:
      return (fields.count == 1 || fields.count == 2) && read_host(fields[0], name) &&
             read_device(fields.count == 2 ? fields[1] : "inst0", name);
    case ResourceClass::socket:
      name.kind = Kind::tcpip_socket;
      return fields.count == 2 && read_host(fields[0], name) &&
             read_number(fields[1], 1, 0xFFFF, name.port);
    case ResourceClass::servant:
      name.kind = Kind::tcpip_servant;
      return fields.count == 0;
    default:
      return false;
  }
}

bool parse_usb(const Fields& fields, ResourceName& name) {
  if (name.resource_class == ResourceClass::instr) {
    name.kind = Kind::usb_instr;
  } else if (name.resource_class == ResourceClass::raw) {
    name.kind = Kind::usb_raw;
  } else {
    return false;
  }
  if (fields.count < 3 || fields.count > 4 ||
      !read_number(fields[0], 0, 0xFFFF, name.usb_vendor, true) ||
      !read_number(fields[1], 0, 0xFFFF, name.usb_product, true)) {
    return false;
  }
  name.usb_serial = fields[2];
  if (fields.count == 4) {
    std::uint16_t number = 0;
    if (!read_number(fields[3], 0, 254, number)) {
      return false;
    }
    if (number != 0) {  // interface 0 and no interface are one name
      name.usb_interface = number;
    }
  }
  return true;
}

bool parse_firewire(const Fields& fields, ResourceName& name) {
  name.kind = Kind::firewire_instr;
  if (name.resource_class != ResourceClass::instr || !fields.class_written || fields.count > 2) {
    return false;
  }
  if (fields.count >= 1) {
    std::uint32_t vendor = 0;
    if (!read_number(fields[0], 0, 0xFFFFFF, vendor, true)) {
      return false;
    }
    name.firewire_vendor = vendor;
  }
  if (fields.count == 2) {
    std::uint64_t chip = 0;
    if (!read_number(fields[1], 0, 0xFFFFFFFFFF, chip, true)) {
      return false;
    }
    name.firewire_chip = chip;
  }
  return true;
}

/// Takes the keyword with its board number, or ASRL with its path, off the front of `text`.
bool read_head(std::string_view& text, ResourceName& name) {
  static constexpr Interface kInterfaces[] = {
      Interface::gpib_vxi,  // before GPIB, which begins it
      Interface::gpib,     Interface::vxi, Interface::asrl,     Interface::pxi,
      Interface::tcpip,    Interface::usb, Interface::firewire,
  };
  for (const Interface interface : kInterfaces) {
    if (starts_without_case(text, keyword(interface))) {
      name.interface = interface;
      break;
    }
  }
  const std::size_t begin = keyword(name.interface).size();
  const std::size_t end = std::min(text.find("::"), text.size());
  if (name.interface == Interface::none) {
    return false;
  }
  const std::string_view board = text.substr(begin, end - begin);
  text.remove_prefix(std::min(end + 2, text.size()));
  if (name.interface == Interface::asrl && board.starts_with('/')) {
    name.path = board;
    return board.size() > 1;
  }
  return board.empty() || read_number(board, 0, 0xFFFF, name.board);
}

/// Takes the class off the end of `fields`; INSTR where there is none.
void read_class(Fields& fields, ResourceName& name) {
  static constexpr ResourceClass kClasses[] = {
      ResourceClass::instr,  ResourceClass::intfc,     ResourceClass::servant,
      ResourceClass::memacc, ResourceClass::backplane, ResourceClass::socket,
      ResourceClass::raw,
  };
  name.resource_class = ResourceClass::instr;
  for (const ResourceClass resource_class : kClasses) {
    if (fields.count != 0 &&
        equal_without_case(fields[fields.count - 1], keyword(resource_class))) {
      name.resource_class = resource_class;
      fields.class_written = true;
      --fields.count;
      return;
    }
  }
}

bool parse_fields(const Fields& fields, ResourceName& name) {
  switch (name.interface) {
    case Interface::asrl:
      return parse_asrl(fields, name);
    case Interface::gpib:
      return parse_gpib(fields, name);
    case Interface::gpib_vxi:
    case Interface::vxi:
      return parse_vxi(fields, name);
    case Interface::pxi:
      return parse_pxi(fields, name);
    case Interface::tcpip:
      return parse_tcpip(fields, name);
    case Interface::usb:
      return parse_usb(fields, name);
    case Interface::firewire:
      return parse_firewire(fields, name);
    case Interface::none:
      break;
  }
  return false;
}

bool parse(std::string_view text, ResourceName& name) {
  // A last field that ends in a colon would split elsewhere once "::INSTR" follows it.
  if (text.size() > kMaxResourceNameLength || text.ends_with(':') ||
      !all(text, [](char c) { return c >= ' ' && c <= '~'; })) {
    return false;
  }
  const bool has_blank = text.find(' ') != std::string_view::npos;
  const std::size_t separator = text.find("::");
  if (!read_head(text, name) || (has_blank && name.interface != Interface::usb)) {
    return false;  // only a USB serial number may hold blanks
  }
  Fields fields;
  const bool brackets = name.interface == Interface::tcpip || name.interface == Interface::asrl;
  if (separator != std::string_view::npos && !split(text, brackets, fields)) {
    return false;
  }
  read_class(fields, name);
  return parse_fields(fields, name) && name.canonical().size() <= kMaxResourceNameLength;
}

}  // namespace

Result<ResourceName> parse_resource_name(std::string_view text) {
  ResourceName name;
  if (!parse(text, name)) {
    return Status::error_inv_rsrc_name;
  }
  return name;
}

}  // namespace visa::model
