// SPDX-License-Identifier: MIT
// The sub-address of a HiSLIP server, which no key of the standard carries: simulators and some
// instruments add the key VisaAddress, a resource name, to the TXT record of their announcement.
// It is a hint of the network and may contain anything. Pure functions: any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace visa::drivers {

/// The sub-address that every server has (IVI-6.1).
inline constexpr std::string_view kUsualSubAddress = "hislip0";

/// The longest sub-address that is taken, so that a name with any host has room for it.
inline constexpr std::size_t kLongestSubAddress = 64;

/// The sub-address ("hislip1") in `address`, the value of a key VisaAddress; empty if that is not
/// the name of a HiSLIP resource (TCPIP[board]::host::sub-address[,port][::INSTR]), or if the
/// sub-address is too long. Its host and its port are not looked at.
std::string sub_address_in(std::string_view address);

}  // namespace visa::drivers
