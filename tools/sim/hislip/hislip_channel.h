// SPDX-License-Identifier: MIT
// A connection as its session sees it: one of the session's two channels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tools/sim/base/timer_source.h"
#include "tools/sim/hislip/hislip_output.h"

namespace visa::sim {

/// What becomes of a message whose header has come.
enum class HislipPlan : std::uint8_t {
  wait,     ///< asked again later; nothing more is read until then
  stream,   ///< its payload is taken in pieces
  collect,  ///< it is dealt with when it is whole
  skip,     ///< it is read and forgotten
};

/// None of these destroys the channel or its session.
class HislipChannel {
 public:
  /// The longest payload of a message other than Data.
  static constexpr std::size_t kMostControl = 256;

  virtual ~HislipChannel() = default;
  /// Who the client is, for people: "127.0.0.1:40000".
  virtual std::string peer() const = 0;
  virtual HislipOutput& output() noexcept = 0;
  /// Sends what is due and TCP takes now.
  virtual void push() = 0;
  /// Goes on in the next round of the loop.
  virtual void wake() = 0;
  /// The connection ends in the next round of the loop.
  virtual void end(bool reset) = 0;
  /// The session is gone: what is in the output goes, then the connection ends.
  virtual void leave() = 0;
};

}  // namespace visa::sim
