// SPDX-License-Identifier: MIT
// Keywords and names of the enumerators.
#include "lib/model/resource_class.h"

namespace visa::model {

std::string_view keyword(Interface interface) noexcept {
  switch (interface) {
    case Interface::gpib:
      return "GPIB";
    case Interface::vxi:
      return "VXI";
    case Interface::gpib_vxi:
      return "GPIB-VXI";
    case Interface::asrl:
      return "ASRL";
    case Interface::pxi:
      return "PXI";
    case Interface::tcpip:
      return "TCPIP";
    case Interface::usb:
      return "USB";
    case Interface::firewire:
      return "FIREWIRE";
    case Interface::none:
      break;
  }
  return "";
}

std::string_view keyword(ResourceClass resource_class) noexcept {
  switch (resource_class) {
    case ResourceClass::instr:
      return "INSTR";
    case ResourceClass::intfc:
      return "INTFC";
    case ResourceClass::servant:
      return "SERVANT";
    case ResourceClass::memacc:
      return "MEMACC";
    case ResourceClass::backplane:
      return "BACKPLANE";
    case ResourceClass::socket:
      return "SOCKET";
    case ResourceClass::raw:
      return "RAW";
    case ResourceClass::none:
      break;
  }
  return "";
}

std::string_view name(Kind kind) noexcept {
  // In the order of the enumeration; the assertion below finds a missing row.
  static constexpr std::string_view kNames[] = {
      "resource manager",
      "ASRL INSTR",
      "GPIB INSTR",
      "GPIB INTFC",
      "GPIB SERVANT",
      "GPIB-VXI INSTR",
      "GPIB-VXI MEMACC",
      "GPIB-VXI BACKPLANE",
      "VXI INSTR",
      "VXI MEMACC",
      "VXI BACKPLANE",
      "VXI SERVANT",
      "PXI INSTR",
      "PXI MEMACC",
      "PXI BACKPLANE",
      "TCPIP INSTR (VXI-11)",
      "TCPIP INSTR (HiSLIP)",
      "TCPIP SOCKET",
      "TCPIP SERVANT",
      "USB INSTR",
      "USB RAW",
      "FIREWIRE INSTR",
      "find list",
      "event IO_COMPLETION",
      "event EXCEPTION",
      "event SERVICE_REQ",
      "event CLEAR",
      "event TRIG",
      "event GPIB_CIC",
      "event GPIB_TALK",
      "event GPIB_LISTEN",
      "event VXI_VME_SYSFAIL",
      "event VXI_VME_SYSRESET",
      "event VXI_SIGP",
      "event VXI_VME_INTR",
      "event PXI_INTR",
      "event TCPIP_CONNECT",
      "event USB_INTR",
      "event VXI_DEV_CMD",
      "event ASRL",
  };
  static_assert(sizeof(kNames) / sizeof(kNames[0]) == kKindCount);
  return kind < Kind::count ? kNames[static_cast<unsigned>(kind)] : std::string_view("none");
}

}  // namespace visa::model
