// SPDX-License-Identifier: MIT
// Cuts the bytes a client sends into program messages, with bounded memory whatever it sends.
//
// A message ends at LF; LF inside a definite-length block is data. A message that is longer than
// the limit is swallowed to its end (a block of 4 GB by counting, not by storing) and reported
// once. Owned by a Link; used on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace visa::sim {

/// How an instrument's messages are delimited.
struct Framing {
  bool definite_blocks = true;  ///< "#<n><length>" hides LF
  bool end_terminates = true;   ///< END of the wire ends a message like LF
  char terminator = '\n';       ///< instead of LF
  bool only_end = false;        ///< no byte ends a message, and none begins a block
  std::size_t limit = 1 << 20;  ///< longest message in bytes
  /// Where END does not end a message: the one that it ends all the same; none if empty.
  std::string_view complete_with_end = {};
};

/// Memory that the unfinished messages of all links of an instrument may take together, beyond the
/// small buffer each link has by right.
class InputBudget {
 public:
  explicit InputBudget(std::size_t limit = std::size_t{64} << 20) : limit_(limit) {}
  bool take(std::size_t count) noexcept;
  void give_back(std::size_t count) noexcept { used_ -= count; }
  std::size_t used() const noexcept { return used_; }
  /// More than half is taken: what is kept only for speed goes back.
  bool crowded() const noexcept { return used_ > limit_ / 2; }

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
};

class MessageReader {
 public:
  MessageReader(Framing framing, InputBudget& budget) : framing_(framing), budget_(budget) {}
  ~MessageReader() { clear(); }
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  enum class Kind { need_more, message, too_long };
  struct Step {
    Kind kind = Kind::need_more;
    /// With its LF, if that ended it. Valid until the next call or until `input` goes away.
    std::string_view text;
  };
  /// Takes bytes off the front of `input` up to the end of one message. `end`: the wire marked the
  /// last byte of `input` with END; without input, the last one of the unfinished message.
  Step next(std::string_view& input, bool end);

  /// Bytes of an unfinished message are waiting.
  bool partial() const noexcept { return in_message_; }
  /// Device clear.
  void clear() noexcept;

 private:
  enum class State : std::uint8_t {
    text,
    single_quoted,
    double_quoted,
    hash,
    length_digits,
    block
  };
  /// Length of the part of `input` that belongs to the current message; sets `complete`.
  std::size_t scan(std::string_view input, bool& complete);
  std::size_t scan_text(std::string_view input, std::size_t from, bool& complete);
  void scan_prefix(char byte);
  bool store(std::string_view part);

  Framing framing_;
  InputBudget& budget_;
  std::string pending_;
  std::size_t charged_ = 0;  ///< of budget_
  bool in_message_ = false;
  bool overflow_ = false;
  bool release_ = false;  ///< pending_ was handed out by the last step
  State state_ = State::text;
  unsigned digits_left_ = 0;
  std::uint64_t block_left_ = 0;
};

}  // namespace visa::sim
