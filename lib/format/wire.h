// SPDX-License-Identifier: MIT
// The device behind the formatted buffers, for one call: its channel, what ends a read and a
// message there, and the timeout, which holds for every transfer of the call anew
// (VI_ATTR_TMO_VALUE of a formatted call is that of each transfer under it). On the caller's stack.
//
// A transfer is what viRead or viWrite of a whole formatted buffer would be, however many pieces it
// comes in; all that is thrown away is one transfer. So a long answer may take as long as it keeps
// up with one buffer in each timeout, and a peer that dribbles, or sends for ever what nobody
// wants, ends the call with VI_ERROR_TMO.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "lib/base/call.h"
#include "lib/spi/channel.h"

namespace visa::format {

/// What each of the two buffers holds until viSetBuf.
inline constexpr std::uint32_t kDefaultBufferSize = 16384;

struct Wire {
  spi::Channel& channel;
  Call& call;
  std::optional<std::chrono::milliseconds> timeout;  // nothing: infinite
  spi::EndRule rule;                                 // that of viRead
  spi::WriteRule rule_of_write = {};                 // that of viWrite
  bool stream = false;  // no END of its own: a termination character or a pause stands for it
  bool used = false;

  /// To be called before each transfer: the call came with the deadline of the first.
  void next_transfer() {
    if (used) call.deadline = timeout ? Deadline::after(*timeout) : Deadline::infinite();
    used = true;
  }
};

}  // namespace visa::format
