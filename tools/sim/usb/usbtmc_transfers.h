// SPDX-License-Identifier: MIT
// What a USBTMC interface has under way on its bulk endpoints. Plain data of a UsbtmcFunction.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/base/paced_output.h"
#include "tools/sim/usb/usb_function.h"
#include "tools/sim/usb/usbtmc_header.h"

namespace visa::sim {

/// The bulk-OUT transfer under way.
struct UsbtmcIncoming {
  UsbtmcHeader header;
  std::uint64_t left = 0;   ///< bytes of data
  std::size_t padding = 0;  ///< and of padding
  std::uint32_t received = 0;
  bool ignored = false;              ///< by a fault
  std::size_t nak_after = SIZE_MAX;  ///< so many bytes from the beginning are taken
  std::size_t taken = 0;             ///< with the header
  std::uint32_t nak_fault = 0;
  std::optional<Clock::time_point> nak_until = {};
};

/// A request for an answer that was not begun.
struct UsbtmcWanted {
  UsbtmcHeader header;
  bool dead = false;  ///< by a fault: it is never answered
  std::optional<Clock::time_point> after = {};
};

/// The bulk-IN transfer under way.
struct UsbtmcOutgoing {
  std::uint8_t tag = 0;
  PacedOutput bytes;
  std::uint64_t given = 0;
  bool short_end = true;  ///< an empty packet ends it where the last one was full
  bool ended = false;     ///< all bytes have gone, the empty packet has not
  bool endless = false;
  std::uint32_t fault = 0;                           ///< that makes it endless
  UsbGiven::Kind failure = UsbGiven::Kind::nothing;  ///< what comes after its bytes
  bool unplug = false;                               ///< likewise
  std::optional<std::chrono::milliseconds> away = {};
  OutputQueue again;  ///< quirk: a second request begins the answer anew
  bool restarts = false;
};

}  // namespace visa::sim
