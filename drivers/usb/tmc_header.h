// SPDX-License-Identifier: MIT
// The 12 bytes at the head of each USBTMC message on the bulk pipes (USBTMC 1.0, 3.2 and 3.3;
// USB488 1.0, 3.2.1), and the tags that number them. Pure: values and free functions, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace visa::drivers::usb {

inline constexpr std::size_t kHeaderSize = 12;
/// A bulk-OUT message is padded with zeros to a multiple of this.
inline constexpr std::size_t kAlignment = 4;

enum class MessageId : std::uint8_t {
  dev_dep_out = 1,
  dev_dep_in = 2,  // REQUEST_DEV_DEP_MSG_IN on the way out, DEV_DEP_MSG_IN on the way in
  vendor_out = 126,
  vendor_in = 127,
  trigger = 128,
};

using Header = std::array<std::byte, kHeaderSize>;

/// `size` bytes of a message follow; `end`: they are its last (EOM). A vendor specific message has
/// no EOM.
Header message_header(MessageId id, std::uint8_t tag, std::uint32_t size, bool end) noexcept;

/// Asks for at most `most` bytes. `termchar`: the instrument ends its answer after this byte, which
/// only instruments with that capability do.
Header request_header(MessageId id, std::uint8_t tag, std::uint32_t most,
                      std::optional<std::uint8_t> termchar) noexcept;

Header trigger_header(std::uint8_t tag) noexcept;

/// The header of an answer, as the instrument sent it.
struct AnswerHeader {
  std::uint8_t id = 0;
  std::uint8_t tag = 0;
  std::uint8_t inverse_tag = 0;
  std::uint32_t size = 0;  // bytes of the message that follow, without padding
  bool end = false;        // EOM
  bool termchar = false;   // ended by the termination character

  /// Whether this answers the request of that id and tag.
  bool answers(MessageId request, std::uint8_t its_tag) const noexcept {
    return id == static_cast<std::uint8_t>(request) && tag_is(its_tag);
  }
  bool tag_is(std::uint8_t its_tag) const noexcept {
    return tag == its_tag && inverse_tag == static_cast<std::uint8_t>(~its_tag);
  }
};

AnswerHeader read_answer_header(std::span<const std::byte, kHeaderSize> bytes) noexcept;

/// bTag of the bulk messages: 1 to 255, one counter for writes, requests and triggers.
class BulkTag {
 public:
  std::uint8_t next() noexcept {
    if (++last_ == 0) last_ = 1;
    return last_;
  }

 private:
  std::uint8_t last_ = 0;
};

/// bTag of READ_STATUS_BYTE, a counter of its own: 2 to 127, because an interrupt packet has seven
/// bits for it and 1 means a service request.
class StatusTag {
 public:
  std::uint8_t next() noexcept {
    if (++last_ > kMost) last_ = kLeast;
    return last_;
  }

 private:
  static constexpr std::uint8_t kLeast = 2;
  static constexpr std::uint8_t kMost = 127;
  std::uint8_t last_ = kLeast - 1;
};

/// `size` rounded up to a multiple of `unit`.
constexpr std::size_t round_up(std::size_t size, std::size_t unit) noexcept {
  return (size + unit - 1) / unit * unit;
}

}  // namespace visa::drivers::usb
