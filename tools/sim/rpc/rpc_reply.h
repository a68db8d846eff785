// SPDX-License-Identifier: MIT
// A reply on its way to the wire: its head, data that is shared and not copied, and what a fault
// makes of it. A value; on the bench's thread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/base/paced_output.h"
#include "tools/sim/engine/faults.h"

namespace visa::sim {

class RpcReply {
 public:
  /// Of an accepted call that succeeds; results follow.
  explicit RpcReply(std::uint32_t xid);
  /// A whole reply made elsewhere.
  explicit RpcReply(std::string message) : head_(std::move(message)) {}

  RpcReply& number(std::uint32_t value) &;
  RpcReply&& number(std::uint32_t value) && { return std::move(number(value)); }
  /// The last result: opaque data.
  RpcReply& opaque(OutputQueue data) &;
  RpcReply&& opaque(OutputQueue data) && { return std::move(opaque(std::move(data))); }
  RpcReply& opaque(std::string_view data) &;
  RpcReply&& opaque(std::string_view data) && { return std::move(opaque(data)); }

  /// Puts it into `out` with its record mark. `fault` may be null.
  void send(PacedOutput& out, const FaultBoard::Active* fault) &&;
  /// The same in a datagram: no record mark, and of the faults those that make sense there; empty
  /// if nothing is to be sent.
  std::string datagram(const FaultBoard::Active* fault) &&;

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  void change(const Fault& fault);
  OutputQueue bytes();
  using Meet = void (RpcReply::*)(PacedOutput& out, const FaultBoard::Active& active,
                                  Clock::time_point now);
  struct Meeting {
    const FaultKind* kind;
    Meet meet;
  };
  static const std::array<Meeting, 8> kMeetings;
  void send_after_stale(PacedOutput& out, const FaultBoard::Active& active, Clock::time_point now);
  void send_pieces(PacedOutput& out, const FaultBoard::Active& active, Clock::time_point now);
  void send_unfinished(PacedOutput& out, const FaultBoard::Active& active, Clock::time_point now);
  void send_long_fragment(PacedOutput& out, const FaultBoard::Active& active,
                          Clock::time_point now);
  void send_part(PacedOutput& out, const FaultBoard::Active& active, Clock::time_point now);
  void send_late(PacedOutput& out, const FaultBoard::Active& active, Clock::time_point now);
  RpcReply stale() const;

  std::string head_;
  std::size_t opaque_at_ = kNone;  ///< in head_: the length of the data
  OutputQueue data_;
  std::size_t padding_ = 0;
};

}  // namespace visa::sim
