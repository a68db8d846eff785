// SPDX-License-Identifier: MIT
// The device as one formatted call uses it: its channel, what ends a read and a message, and the
// timeout. Each transfer of the call has the whole timeout (a formatted call has VI_ATTR_TMO_VALUE
// for each transfer under it). Lives on the caller's stack.
//
// A transfer moves as much as a viRead or viWrite of a whole formatted buffer, in any number of
// pieces; everything that a call drops counts as one transfer. So a long answer may take long if it
// fills one buffer in each timeout, and a peer that sends slower than that, or sends without end
// what the call does not want, ends the call with VI_ERROR_TMO.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "lib/base/call.h"
#include "lib/spi/channel.h"

namespace visa::format {

/// The size in bytes of each of the two buffers until viSetBuf changes it.
inline constexpr std::uint32_t kDefaultBufferSize = 16384;

struct FormattedDevice {
  spi::Channel& channel;
  Call& call;
  std::optional<std::chrono::milliseconds> timeout;  // empty: infinite
  spi::EndRule rule;                                 // the rule of viRead
  spi::WriteRule rule_of_write = {};                 // the rule of viWrite
  bool stream = false;  // the wire has no END; a termination character or a pause replaces it
  bool used = false;

  /// Must be called before each transfer. Renews the deadline of the call for all but the first.
  void next_transfer() {
    if (used) call.deadline = timeout ? Deadline::after(*timeout) : Deadline::infinite();
    used = true;
  }
};

}  // namespace visa::format
