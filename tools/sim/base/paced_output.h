// SPDX-License-Identifier: MIT
// Output of which some may go now and the rest later: by a delay, by a fault that holds it until it
// is off, or because the connection ends after it. Owned by a Link or a connection; on the bench's
// thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/base/timer_source.h"

namespace visa::sim {

class PacedOutput {
 public:
  enum class Ending : std::uint8_t { none, close, reset };

  /// What may go now.
  OutputQueue& ready() noexcept { return ready_; }
  const OutputQueue& ready() const noexcept { return ready_; }

  /// Puts `bytes` behind what is held back; at once into ready() if nothing is and `due` has come.
  /// Time_point::max(): until the fault of the number `stall` is off. `ending`: nothing follows.
  void hold(OutputQueue bytes, Clock::time_point due, Ending ending = Ending::none,
            std::uint32_t stall = 0);
  /// When the next of what is held back wants to go; max() if a fault says so, min() if nothing is.
  Clock::time_point last_due() const noexcept {
    return later_.empty() ? Clock::time_point::min() : later_.back().due;
  }
  bool holds_bytes() const noexcept;
  bool pending() const noexcept { return !later_.empty(); }
  bool holding() const noexcept { return pending() || ending_ != Ending::none; }
  std::optional<Clock::time_point> due() const;
  void release(Clock::time_point now);
  /// Behind ready() the connection ends.
  Ending ending() const noexcept { return ending_; }
  /// Lets go what faults hold that are not on any more; true if there was any.
  bool let_go(const std::function<bool(std::uint32_t)>& is_on);
  /// Forgets all but the ending.
  void clear() noexcept;

 private:
  struct Piece {
    Clock::time_point due;
    OutputQueue bytes;
    Ending ending = Ending::none;
    std::uint32_t stall = 0;  ///< the fault that holds it until it is off
  };

  OutputQueue ready_;
  std::deque<Piece> later_;  ///< by due
  Ending ending_ = Ending::none;
};

}  // namespace visa::sim
