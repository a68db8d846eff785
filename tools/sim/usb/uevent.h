// SPDX-License-Identifier: MIT
// Tells programs that watch udev of devices that come and go. Under umockdev's preload library the
// netlink socket of such a program is a datagram socket "event<N>" in the folder of the machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace visa::sim {

/// One message of udev: `properties` are "NAME=value", among them ACTION, DEVPATH, SUBSYSTEM and
/// SEQNUM.
std::string uevent_message(std::string_view subsystem, std::string_view devtype,
                           const std::vector<std::string>& properties);

/// Sends it to each socket in `folder`. What has no reader any more is removed; a program that does
/// not read misses it, as with the kernel.
void send_uevent(const std::string& folder, const std::string& message);

}  // namespace visa::sim
