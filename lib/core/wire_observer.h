// SPDX-License-Identifier: MIT
// What passed over the wire of one session, operation by operation: the trace writes it down, a
// recorder keeps it whole. Given to a TracingChannel, which owns it. Called from the threads inside
// the channel, several at once where its wire is duplex.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "lib/base/status.h"

namespace visa::core {

struct WireRecord {
  enum class Direction : char { none = ' ', sent = '>', received = '<' };

  std::string_view operation;  // "write", "read", "clear", "stb", "lock", "event", ...
  Direction direction = Direction::none;
  std::span<const std::byte> data = {};  // all of it: what was taken by the wire, or delivered
  std::string_view mark = {};  // "END", "termchar", "count", or what the operation carried
  /// A sent message ends with this record; a clear has reached the instrument, not only its bytes.
  bool whole = true;
  Status status = Status::success;
  std::chrono::nanoseconds time{0};
  /// When the operation began; not set for what has no duration.
  std::optional<std::chrono::steady_clock::time_point> begin = {};
};

class WireObserver {
 public:
  virtual ~WireObserver() = default;
  /// `data` is about to be written, with `last` as the end of a message. Its record follows, but
  /// that of an answer to it may come before: another thread may read it. Throws as seen() does.
  virtual void sending(std::span<const std::byte> data, bool last) {
    static_cast<void>(data);
    static_cast<void>(last);
  }
  /// Throws nothing but std::bad_alloc, which loses the record and not the operation.
  virtual void seen(const WireRecord& record) = 0;
};

}  // namespace visa::core
