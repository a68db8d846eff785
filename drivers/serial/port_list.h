// SPDX-License-Identifier: MIT
// The serial ports of this computer as sysfs describes them. Nothing is opened: opening a port
// moves its lines, which resets many instruments. (libserialport describes the same, but its list
// opens every port of the kernel's 8250 driver.) Free functions: any thread.
#pragma once

#include <string>
#include <vector>

#include "lib/base/call.h"

namespace visa::drivers::serial {

struct PortDescription {
  std::string node;   // "/dev/ttyUSB0"
  std::string by_id;  // "/dev/serial/by-id/usb-FTDI_...", which stays when ports are replugged; ""
  // Of the USB device that the port belongs to; "" elsewhere.
  std::string usb_ids;  // "0403:6001"
  std::string manufacturer;
  std::string product;
  std::string serial_number;
};

/// The ports with hardware, in no order. The kernel makes nodes for UARTs that a computer has not;
/// they are left out, as are consoles and pseudo-terminals. Stops at the deadline. `root` is for
/// tests: the folder that has sys and dev.
std::vector<PortDescription> list_ports(const Call& call, const std::string& root = {});

/// "Toy serial (/dev/ttyUSB7, USB 0403:6001)", for VI_ATTR_INTF_INST_NAME; printable ASCII.
std::string text_of(const PortDescription& port);

/// The port whose node or by-id link is `path`, after links; only the node is filled in where sysfs
/// does not know it.
PortDescription describe_port(const std::string& path);

/// `path` without symbolic links; `path` itself where it does not exist.
std::string without_links(const std::string& path);

}  // namespace visa::drivers::serial
