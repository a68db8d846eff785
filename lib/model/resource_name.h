// SPDX-License-Identifier: MIT
// A resource name ("TCPIP0::10.0.0.5::inst0::INSTR") in its parts, and its one canonical spelling
// (VPP-4.3 4.3). Every interface and class of the standard parses, with or without a driver for it.
// Aliases are not known here: the configuration resolves them first. Value types, pure functions:
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/model/mistake.h"
#include "lib/model/resource_class.h"

namespace visa::model {

/// The most characters a canonical name (and any name that a program passes) may have:
/// VI_FIND_BUFLEN holds it with its terminating NUL.
inline constexpr std::size_t kMaxResourceNameLength = 255;

/// The port of a HiSLIP server when the name gives none (IVI-6.1).
inline constexpr std::uint16_t kDefaultHislipPort = 4880;

/// The fields of a resource name. Only those of its interface and class have a meaning.
struct ResourceName {
  Interface interface = Interface::none;
  ResourceClass resource_class = ResourceClass::none;
  Kind kind = Kind::count;
  std::uint16_t board = 0;

  // TCPIP, and the host form of ASRL (ASRL0::host::port::INSTR, where `port` is the number of the
  // serial port of that host).
  // As typed, except that leading zeros in an IPv4 address are dropped; an IPv6 address has its
  // zone but NOT its brackets.
  std::string host;
  bool host_is_ipv6 = false;    // the name wrote the host in square brackets
  bool has_credential = false;  // an '@' stood before the host; the session must be secure
  std::string credential;       // the name of the credential; may be empty with has_credential
  std::uint16_t port = 0;       // SOCKET port; HiSLIP port (4880 by default); 0 elsewhere
  std::string device;           // lan device name ("inst0", "gpib0,5", "hislip0"), never a ",port"

  // ASRL by device node (ASRL/dev/ttyUSB0::INSTR), an extension: the absolute path, else empty.
  std::string path;

  // GPIB and GPIB-VXI
  std::uint8_t gpib_primary = 0;
  std::optional<std::uint8_t> gpib_secondary;

  // VXI and GPIB-VXI
  std::uint16_t vxi_logical_address = 0;
  std::optional<std::uint16_t> vxi_mainframe;  // BACKPLANE; nothing: the lowest or only one

  // PXI, by bus address or by position (chassis and slot)
  std::uint8_t pxi_bus = 0;
  std::uint8_t pxi_device = 0;
  std::uint8_t pxi_function = 0;
  std::optional<std::uint8_t> pxi_chassis;  // the name gives chassis and slot; also BACKPLANE
  std::uint8_t pxi_slot = 0;
  std::uint8_t pxi_slot_index = 0;

  // USB
  std::uint16_t usb_vendor = 0;
  std::uint16_t usb_product = 0;
  std::string usb_serial;                      // as typed; devices are compared without case
  std::optional<std::uint16_t> usb_interface;  // nothing: the lowest suitable interface

  // FIREWIRE
  std::optional<std::uint32_t> firewire_vendor;
  std::optional<std::uint64_t> firewire_chip;

  /// The one spelling that all calls return; parsing it gives an equal name.
  std::string canonical() const;

  /// The canonical name in lower case, except for a device node's path: two names mean the same
  /// resource exactly when their keys are equal. For maps and lock domains.
  std::string key() const;

  friend bool operator==(const ResourceName& a, const ResourceName& b) {
    return a.key() == b.key();
  }
};

/// Parses `text`, in any mixture of cases (4.3.17, 4.3.20). Fails with Status::error_inv_rsrc_name;
/// then `mistake`, if given, says which part of `text` is wrong and what was expected. Never
/// contacts a device. Linear in the length of `text`.
Result<ResourceName> parse_resource_name(std::string_view text, Mistake* mistake = nullptr);

}  // namespace visa::model
