// SPDX-License-Identifier: MIT
// The trace of what passed over the wire, in the file of FREEVISA_TRACE. With FREEVISA_TRACE_LEVEL
// "wire" one line per operation shows its first bytes, as hexadecimal figures and as text. With
// "whole" all of its bytes stand in lines before it, for a program that records them (`freevisa
// record`), a number tells the sessions of one resource apart, and a second time says how long ago
// the operation began: its line comes after its end, and an event may have come between. What
// follows a password's header is hidden in both, and so is an answer that is one. With "none"
// nothing is written: the lines of the calls need to know what is a secret. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/message_secrets.h"
#include "lib/core/wire_observer.h"

namespace visa::core {

/// How much of the wire is in the trace.
enum class WireDetail : unsigned char { none, beginnings, whole };

/// What a session opened now is to show. Reads the environment; asked once per viOpen.
WireDetail wire_detail_wanted() noexcept;

class WireTrace final : public WireObserver {
 public:
  /// The most bytes of one operation that its line shows.
  static constexpr std::size_t kShown = 64;
  /// The most bytes in one line of data, where all of them are wanted.
  static constexpr std::size_t kPiece = 16384;

  /// `resource` begins every line; with `whole` a number follows that no other session of this
  /// process has.
  explicit WireTrace(std::string resource, WireDetail detail = WireDetail::beginnings,
                     std::shared_ptr<MessageSecrets> secrets = nullptr);
  void sending(std::span<const std::byte> data, bool last) override;
  void seen(const WireRecord& record) override;

  /// The lines without what the log adds; the last is that of the operation. Of a "write" that
  /// sending() has not seen before, every byte is hidden.
  std::vector<std::string> lines_of(const WireRecord& record);

 private:
  struct Shown {
    std::string text;          // secrets as asterisks
    std::vector<bool> hidden;  // the bytes that are secrets; may be shorter than the text
  };
  /// What secrets_ has to know of a record; true when it is an answer to be hidden.
  bool note(const WireRecord& record);
  /// How much of so many bytes is shown.
  std::size_t shown_of(std::size_t size) const noexcept;
  Shown hide_secrets(const WireRecord& record, bool answer);

  const WireDetail detail_;
  const std::string begin_;  // of each line
  const std::shared_ptr<MessageSecrets> secrets_;
  /// What is being written, by the one call that writes.
  struct Outgoing {
    std::size_t size = 0;
    std::vector<bool> hidden;  // as far as it is shown
  };
  std::optional<Outgoing> outgoing_;
};

}  // namespace visa::core
