// SPDX-License-Identifier: MIT
// Where a scan gets its bytes: from the read buffer of a session, which reads from the device, or
// from the string of viSScanf. One object lives as long as one call of viScanf or viQueryf; bytes
// that are not consumed stay for the next call. Used by the thread of the call only.
//
// A call must end even if the peer never stops sending. Bytes that are kept are bounded by the room
// for them. A scan announces when it reads bytes to throw them away (Dropping), because all of them
// share one deadline.
//
// The input of a call is over when the byte that carries END was consumed: then `at_hand` is empty
// and `end_at_hand` true. No byte after END is ever at hand.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "lib/base/status.h"

namespace visa::format {

class ByteSource {
 public:
  /// How many unread bytes `more` keeps at most. A caller that needs a longer word whole must
  /// consume it and keep it itself.
  static constexpr std::size_t kKept = 1024;

  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// The bytes that are there without waiting. Valid until the next call of `more` or `read`.
  std::string_view at_hand() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  /// True if the last byte at hand carries END, or, with nothing at hand, if END was consumed.
  bool end_at_hand() const { return end_at_hand_; }
  bool over() const { return end_at_hand_ && at_ == end_; }

  /// Consumes `count` of the bytes at hand.
  void consume(std::size_t count) {
    at_ += count;
    consumed_ += count;
  }

  /// Bytes consumed in this call, including those of `read` (%n).
  std::size_t consumed() const { return consumed_; }

  /// Waits until more bytes are at hand than before, or END is known. Requires !end_at_hand() and
  /// fewer than kKept bytes at hand. After success there are more bytes, or end_at_hand, or both. A
  /// failure (VI_ERROR_TMO, for example) is the status of the call and loses the bytes at hand.
  virtual Status more() = 0;

  /// What ends a `read` besides its count.
  enum class Until : unsigned char {
    end,   // END, as everywhere
    count  // a block of known length: byte values and pauses do not end it, only the wire's END
  };

  /// Fills `into` with the bytes at hand, then straight from the device (no second copy), and
  /// consumes them. `got` < into.size() only at END (then end_at_hand) or on failure.
  virtual Status read(std::span<std::byte> into, Until until, std::size_t& got) = 0;

  /// While a Dropping lives, the scan throws away all that the source reads, under one deadline:
  /// `anew`, which begins with the first transfer, or `as_it_runs`, the present one (for white
  /// space before a value, so that endless blanks cannot keep the call from ending). A Dropping
  /// inside another one changes nothing.
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
  /// Makes the next transfer begin with a new deadline.
  virtual void next_deadline() {}

 private:
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::size_t consumed_ = 0;
  bool end_at_hand_ = false;
  bool dropping_ = false;
};

}  // namespace visa::format
