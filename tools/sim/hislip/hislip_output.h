// SPDX-License-Identifier: MIT
// What one channel of a HiSLIP connection has still to send: whole messages in their order, some of
// them later or in pieces by a fault. Owned by a HislipConnection; on the bench's thread only.
//
// Its user stops making messages while there are many: kMostPieces and kHighWater.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/base/paced_output.h"
#include "tools/sim/base/timer_source.h"

namespace visa::sim {

/// Where the pieces go.
class HislipSink {
 public:
  virtual ~HislipSink() = default;
  /// Messages may go now.
  virtual bool open() const noexcept = 0;
  /// Sends what it can now, which stays out of `bytes` then; false: the connection is broken.
  virtual bool send(OutputQueue& bytes) = 0;
  /// All before a piece that turns has gone.
  virtual void turn() = 0;
};

class HislipOutput {
 public:
  using Ending = PacedOutput::Ending;
  static constexpr std::size_t kMostPieces = 64;
  static constexpr std::size_t kHighWater = std::size_t{64} << 10;

  struct Piece {
    OutputQueue bytes;
    Clock::time_point due = Clock::time_point::min();  ///< max(): while the fault `stall` is on
    bool begins = true;                                ///< a message; else it goes on with one
    bool turns = false;                                ///< no bytes: the sink is told
    Ending ending = Ending::none;                      ///< the connection ends after it
    std::uint32_t stall = 0;
  };

  void put(Piece piece);
  void put(OutputQueue message) { put(Piece{.bytes = std::move(message)}); }

  bool empty() const noexcept { return pieces_.empty(); }
  /// True while enough messages wait to be sent; the next one is made after some of them were sent.
  bool full() const noexcept { return crowded() || size_ >= kHighWater; }
  /// There are too many to take on anything that would make one more.
  bool crowded() const noexcept { return pieces_.size() >= kMostPieces; }
  /// The piece that is first may go, but TCP has not taken it yet.
  bool blocked(Clock::time_point now) const noexcept {
    return !pieces_.empty() && pieces_.front().due <= now;
  }
  /// When the first piece wants to go, if not now.
  std::optional<Clock::time_point> due() const;
  /// What had to go last has gone.
  Ending ending() const noexcept { return ending_; }
  /// A piece after which the connection ends is on its way, or has gone.
  bool ends() const noexcept { return ends_; }

  /// Sends what is due and the sink takes; false: the connection is broken.
  bool send(HislipSink& sink, Clock::time_point now);

  /// Device clear: forgets the messages of which nothing has gone yet, but no turn.
  void drop_unbegun();
  /// Device clear: what a fault makes late goes now.
  void hurry();
  /// Lets go what faults hold that are not on any more; true if there was any.
  bool let_go(const std::function<bool(std::uint32_t)>& is_on);

 private:
  std::deque<Piece> pieces_;
  std::size_t size_ = 0;  ///< bytes of all pieces
  bool begun_ = false;    ///< some of the first piece has gone
  bool ends_ = false;
  Ending ending_ = Ending::none;
};

}  // namespace visa::sim
