// SPDX-License-Identifier: MIT
// The grammar of VPP-4.3 4.3 between interface and class, one function per interface. Every number
// is bounded, empty and extra fields are refused. What the standard leaves open is decided here:
//  - a secondary GPIB address is 0..30; the 96..126 of the bus is no VISA address;
//  - PXI<n>::device::function is the old form, whose <n> is the bus; without a function <n> is the
//    interface of the new form;
//  - a lan device name begins with a letter, so that TCPIP::host::5025 without ::SOCKET is refused
//    at once instead of timing out as VXI-11; inst, gpib, vxi and hislip names become lower case;
//  - a credential is taken for HiSLIP and SOCKET; VXI-11 knows no secure connection.
#include "lib/model/ascii.h"
#include "lib/model/resource_host.h"
#include "lib/model/resource_name_fields.h"

namespace visa::model {
namespace {

constexpr std::string_view kHost = "a host name or an address";
constexpr std::string_view kPort = "a port from 1 to 65535";
constexpr std::string_view kPrimary = "a primary address from 0 to 30";
constexpr std::string_view kLogical = "a logical address from 0 to 511";
constexpr std::string_view kPxiDevice = "a device number from 0 to 31";
constexpr std::string_view kPxiFunction = "a function from 0 to 7";

bool parse_asrl(Fields& fields, ResourceName& name) {
  name.kind = Kind::asrl_instr;
  if (name.resource_class != ResourceClass::instr) {
    return fields.wrong(fields.written_class, "the class INSTR");
  }
  if (fields.count == 0) return true;
  if (!name.path.empty() || name.board != 0) return fields.wrong(fields[0], "INSTR or the end");
  if (!fields.has({kHost, "the number of a serial port from 1 to 65535"})) return false;
  if (fields.written_class.empty()) {
    return fields.wrong(fields.written_class, "::INSTR after host and port");
  }
  if (!read_host(fields[0], name, fields)) return false;
  if (name.has_credential) return fields.wrong(fields[0], "a host without a credential");
  return read_number(fields[1], 1, 0xFFFF, name.port) ||
         fields.wrong(fields[1], "the number of a serial port from 1 to 65535");
}

bool parse_gpib(Fields& fields, ResourceName& name) {
  switch (name.resource_class) {
    case ResourceClass::intfc:
      name.kind = Kind::gpib_intfc;
      return fields.has({});
    case ResourceClass::servant:
      name.kind = Kind::gpib_servant;
      return fields.has({});
    case ResourceClass::instr:
      name.kind = Kind::gpib_instr;
      if (!fields.has({kPrimary}, 1)) return false;
      if (!read_number(fields[0], 0, 30, name.gpib_primary)) {
        return fields.wrong(fields[0], kPrimary);
      }
      if (fields.count == 2) {
        std::uint8_t secondary = 0;
        if (!read_number(fields[1], 0, 30, secondary)) {
          return fields.wrong(fields[1], "a secondary address from 0 to 30");
        }
        name.gpib_secondary = secondary;
      }
      return true;
    default:
      return fields.wrong(fields.written_class, "the class INSTR, INTFC or SERVANT");
  }
}

bool parse_vxi(Fields& fields, ResourceName& name) {
  const bool behind_gpib = name.interface == Interface::gpib_vxi;
  switch (name.resource_class) {
    case ResourceClass::instr:
      name.kind = behind_gpib ? Kind::gpib_vxi_instr : Kind::vxi_instr;
      return fields.has({kLogical}) && (read_number(fields[0], 0, 511, name.vxi_logical_address) ||
                                        fields.wrong(fields[0], kLogical));
    case ResourceClass::memacc:
      name.kind = behind_gpib ? Kind::gpib_vxi_memacc : Kind::vxi_memacc;
      return fields.has({});
    case ResourceClass::backplane: {
      name.kind = behind_gpib ? Kind::gpib_vxi_backplane : Kind::vxi_backplane;
      std::uint16_t mainframe = 0;
      if (!fields.has({}, 1)) return false;
      if (fields.count == 0) return true;
      if (!read_number(fields[0], 0, 255, mainframe)) {
        return fields.wrong(fields[0], "the logical address of a mainframe from 0 to 255");
      }
      name.vxi_mainframe = mainframe;
      return true;
    }
    case ResourceClass::servant:
      name.kind = Kind::vxi_servant;
      if (!behind_gpib) return fields.has({});
      [[fallthrough]];
    default:
      return fields.wrong(fields.written_class,
                          behind_gpib ? "the class INSTR, MEMACC or BACKPLANE"
                                      : "the class INSTR, MEMACC, BACKPLANE or SERVANT");
  }
}

bool parse_pxi_place(Fields& fields, ResourceName& name) {
  std::uint8_t chassis = 0;
  if (!read_numbered(fields[0], "CHASSIS", 0, 255, chassis)) {
    return fields.wrong(fields[0], "CHASSIS with a number from 0 to 255");
  }
  if (!fields.has({"CHASSIS", "SLOT with a number from 1 to 255"}, 1)) return false;
  name.pxi_chassis = chassis;
  std::string_view slot = fields[1];
  if (const std::size_t dot = slot.find('.'); dot != std::string_view::npos) {
    if (!read_numbered(slot.substr(dot + 1), "INDEX", 0, 255, name.pxi_slot_index)) {
      return fields.wrong(slot.substr(dot + 1), "INDEX with a number from 0 to 255");
    }
    slot = slot.substr(0, dot);
  }
  if (!read_numbered(slot, "SLOT", 1, 255, name.pxi_slot)) {
    return fields.wrong(slot, "SLOT with a number from 1 to 255");
  }
  return fields.count == 2 || read_numbered(fields[2], "FUNC", 0, 7, name.pxi_function) ||
         fields.wrong(fields[2], "FUNC with a number from 0 to 7");
}

bool parse_pxi_device(Fields& fields, ResourceName& name) {
  if (!fields.has({kPxiDevice}, 1)) return false;
  std::string_view device = fields[0];
  if (fields.count == 2) {
    if (name.board > 255) {
      return fields.wrong(fields[0], "PXI with a bus number from 0 to 255 before it");
    }
    if (!read_number(device, 0, 31, name.pxi_device)) return fields.wrong(device, kPxiDevice);
    if (!read_number(fields[1], 0, 7, name.pxi_function)) {
      return fields.wrong(fields[1], kPxiFunction);
    }
    name.pxi_bus = static_cast<std::uint8_t>(name.board);
    name.board = 0;
    return true;
  }
  if (const std::size_t dash = device.find('-'); dash != std::string_view::npos) {
    if (!read_number(device.substr(0, dash), 0, 255, name.pxi_bus)) {
      return fields.wrong(device.substr(0, dash), "a bus number from 0 to 255");
    }
    device.remove_prefix(dash + 1);
  }
  if (const std::size_t dot = device.find('.'); dot != std::string_view::npos) {
    if (!read_number(device.substr(dot + 1), 0, 7, name.pxi_function)) {
      return fields.wrong(device.substr(dot + 1), kPxiFunction);
    }
    device = device.substr(0, dot);
  }
  return read_number(device, 0, 31, name.pxi_device) || fields.wrong(device, kPxiDevice);
}

bool parse_pxi(Fields& fields, ResourceName& name) {
  switch (name.resource_class) {
    case ResourceClass::instr:
      name.kind = Kind::pxi_instr;
      return fields.count != 0 && starts_without_case(fields[0], "CHASSIS")
                 ? parse_pxi_place(fields, name)
                 : parse_pxi_device(fields, name);
    case ResourceClass::memacc:
      name.kind = Kind::pxi_memacc;
      return fields.has({});
    case ResourceClass::backplane: {
      name.kind = Kind::pxi_backplane;
      constexpr std::string_view kChassis = "the number of a chassis from 0 to 255";
      std::uint8_t chassis = 0;
      if (!fields.has({kChassis})) return false;
      if (!read_number(fields[0], 0, 255, chassis)) return fields.wrong(fields[0], kChassis);
      name.pxi_chassis = chassis;
      return true;
    }
    default:
      return fields.wrong(fields.written_class, "the class INSTR, MEMACC or BACKPLANE");
  }
}

/// RULE 4.3.6, 4.3.7: the device name decides the protocol.
bool read_device(std::string_view text, Fields& fields, ResourceName& name) {
  if (!is_letter(text.front())) {
    return fields.wrong(text, all(text, is_digit)
                                  ? "a device name (inst0, hislip0), or ::SOCKET after a port"
                                  : "a device name that begins with a letter (inst0, hislip0)");
  }
  if (starts_without_case(text, "hislip")) {
    name.kind = Kind::tcpip_hislip;
    name.port = kDefaultHislipPort;
    if (const std::size_t comma = text.find(','); comma != std::string_view::npos) {
      if (!read_number(text.substr(comma + 1), 1, 0xFFFF, name.port)) {
        return fields.wrong(text.substr(comma + 1), kPort);
      }
      text = text.substr(0, comma);
    }
    name.device = lower_case(text);
    return all(text, is_alphanumeric) || fields.wrong(text, "hislip with letters and digits only");
  }
  name.kind = Kind::tcpip_vxi11;
  const bool known = starts_without_case(text, "inst") || starts_without_case(text, "gpib") ||
                     starts_without_case(text, "vxi");
  name.device = known ? lower_case(text) : std::string(text);
  return !name.has_credential ||
         fields.wrong(fields[0], "a host without a credential, because VXI-11 has no security");
}

bool parse_tcpip(Fields& fields, ResourceName& name) {
  switch (name.resource_class) {
    case ResourceClass::instr:
      return fields.has({kHost}, 1) && read_host(fields[0], name, fields) &&
             read_device(fields.count == 2 ? fields[1] : "inst0", fields, name);
    case ResourceClass::socket:
      name.kind = Kind::tcpip_socket;
      return fields.has({kHost, kPort}) && read_host(fields[0], name, fields) &&
             (read_number(fields[1], 1, 0xFFFF, name.port) || fields.wrong(fields[1], kPort));
    case ResourceClass::servant:
      name.kind = Kind::tcpip_servant;
      return fields.has({});
    default:
      return fields.wrong(fields.written_class, "the class INSTR, SOCKET or SERVANT");
  }
}

bool parse_usb(Fields& fields, ResourceName& name) {
  constexpr std::string_view kVendor = "a vendor ID from 0x0000 to 0xFFFF";
  constexpr std::string_view kProduct = "a product ID from 0x0000 to 0xFFFF";
  if (name.resource_class == ResourceClass::instr) {
    name.kind = Kind::usb_instr;
  } else if (name.resource_class == ResourceClass::raw) {
    name.kind = Kind::usb_raw;
  } else {
    return fields.wrong(fields.written_class, "the class INSTR or RAW");
  }
  if (!fields.has({kVendor, kProduct, "a serial number"}, 1)) return false;
  if (!read_number(fields[0], 0, 0xFFFF, name.usb_vendor, true)) {
    return fields.wrong(fields[0], kVendor);
  }
  if (!read_number(fields[1], 0, 0xFFFF, name.usb_product, true)) {
    return fields.wrong(fields[1], kProduct);
  }
  name.usb_serial = fields[2];
  if (fields.count == 4) {
    std::uint16_t number = 0;
    if (!read_number(fields[3], 0, 254, number)) {
      return fields.wrong(fields[3], "an interface number from 0 to 254");
    }
    if (number != 0) {  // a name with interface 0 equals one without
      name.usb_interface = number;
    }
  }
  return true;
}

bool parse_firewire(Fields& fields, ResourceName& name) {
  name.kind = Kind::firewire_instr;
  if (name.resource_class != ResourceClass::instr || fields.written_class.empty()) {
    return fields.wrong(fields.written_class, "the class INSTR");
  }
  if (!fields.has({}, 2)) return false;
  if (fields.count >= 1) {
    std::uint32_t vendor = 0;
    if (!read_number(fields[0], 0, 0xFFFFFF, vendor, true)) {
      return fields.wrong(fields[0], "a vendor ID from 0x000000 to 0xFFFFFF");
    }
    name.firewire_vendor = vendor;
  }
  if (fields.count == 2) {
    std::uint64_t chip = 0;
    if (!read_number(fields[1], 0, 0xFFFFFFFFFF, chip, true)) {
      return fields.wrong(fields[1], "a chip ID of up to 10 hexadecimal digits");
    }
    name.firewire_chip = chip;
  }
  return true;
}

}  // namespace

bool parse_fields(Fields& fields, ResourceName& name) {
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

}  // namespace visa::model
