// SPDX-License-Identifier: MIT
// Where a scan gets its bytes: the read buffer of a session with the device behind it, or a string
// of viSScanf. One object lives as long as one call of viScanf or viQueryf; what is not consumed
// stays for the next call. The thread of the call only.
//
// A call must end although its peer never stops sending. What is kept is bounded by the room for
// it; what is thrown away is announced (Dropping), because all of it has one deadline.
//
// Input is over for the call when the byte that carries END was consumed: `at_hand` is empty and
// `end_at_hand` true. Nothing is ever at hand behind END.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "lib/base/status.h"

namespace visa::format {

class ByteSource {
 public:
  /// So many unread bytes survive `more`: a caller that wants to see a longer word whole has to
  /// consume and keep it itself.
  static constexpr std::size_t kKept = 1024;

  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// What can be looked at without waiting. Valid until the next call of `more` or `read`.
  std::string_view at_hand() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  /// The last byte at hand carries END; with nothing at hand: END was consumed.
  bool end_at_hand() const { return end_at_hand_; }
  bool over() const { return end_at_hand_ && at_ == end_; }

  /// `count` of those at hand.
  void consume(std::size_t count) {
    at_ += count;
    consumed_ += count;
  }

  /// Bytes consumed in this call, by `read` included (%n).
  std::size_t consumed() const { return consumed_; }

  /// Waits until more is at hand than before, or END is known; needs !end_at_hand() and fewer than
  /// kKept bytes at hand. success: look again (more bytes, or end_at_hand, or both). A failure is
  /// the status of the call: VI_ERROR_TMO and its like; what was at hand is gone then.
  virtual Status more() = 0;

  /// What ends a `read` besides its count.
  enum class Until : unsigned char {
    end,   // END, as everywhere
    count  // a block of known length: only an END of the wire that is no mere byte value or pause
  };

  /// Fills `into` from what is at hand, then from the device straight into it (no second copy), and
  /// consumes it. `got` < into.size() only at END (then end_at_hand) or on failure.
  virtual Status read(std::span<std::byte> into, Until until, std::size_t& got) = 0;

  /// While one lives, nothing of what its source reads is kept, and all of it has one deadline:
  /// `anew`, which begins with its first transfer, or the one that runs (white space before a
  /// value, so that blanks without end do not put off the end of the call). One inside another
  /// changes nothing.
  class Dropping {
   public:
    enum class Time : unsigned char { anew, as_it_runs };
    explicit Dropping(ByteSource& source, Time time = Time::anew)
        : source_(source), outer_(source.dropping_), anew_(time == Time::anew && !outer_) {
      source_.dropping_ = true;
      if (anew_) source_.next_deadline();
    }
    ~Dropping() {
      source_.dropping_ = outer_;
      if (anew_) source_.next_deadline();
    }
    Dropping(const Dropping&) = delete;
    Dropping& operator=(const Dropping&) = delete;

   private:
    ByteSource& source_;
    const bool outer_;
    const bool anew_;
  };

 protected:
  ByteSource() = default;
  void set_at_hand(const char* begin, const char* end, bool end_at_hand) {
    at_ = begin;
    end_ = end;
    end_at_hand_ = end_at_hand;
  }
  void count_consumed(std::size_t count) { consumed_ += count; }
  bool dropping() const { return dropping_; }
  /// The next transfer begins with a deadline of its own.
  virtual void next_deadline() {}

 private:
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::size_t consumed_ = 0;
  bool end_at_hand_ = false;
  bool dropping_ = false;
};

}  // namespace visa::format
