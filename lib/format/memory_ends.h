// SPDX-License-Identifier: MIT
// The caller's memory as the sink of viSPrintf and the source of viSScanf. No device, no wait.
#pragma once

#include <algorithm>
#include <cstring>

#include "lib/format/byte_sink.h"
#include "lib/format/byte_source.h"

namespace visa::format {

/// The buffer of viSPrintf. The caller makes it large enough for the text and a NUL.
class MemorySink final : public ByteSink {
 public:
  explicit MemorySink(char* buffer) : to_(buffer) {}
  Status end_message() override {
    ended_ = true;
    return Status::success;
  }
  bool full_stop() const override { return ended_; }
  void terminate() { *to_ = '\0'; }

 private:
  Status overflow(std::string_view data) override {
    to_ = std::copy(data.begin(), data.end(), to_);
    return Status::success;
  }

  char* to_;
  bool ended_ = false;
};

/// The string of viSScanf; its NUL is END. It is measured in pieces, so that a program that walks
/// through a long string pays only for the part it reads.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(const char* text) : seen_(text) { set_at_hand(text, text, false); }

  Status more() override {
    const std::size_t piece = ::strnlen(seen_, kPiece);
    seen_ += piece;
    set_at_hand(at_hand().data(), seen_, piece < kPiece);
    return Status::success;
  }

  Status read(std::span<std::byte> into, Until, std::size_t& got) override {
    got = 0;
    for (;;) {
      const auto text = at_hand().substr(0, into.size() - got);
      if (!text.empty()) std::memcpy(into.data() + got, text.data(), text.size());
      got += text.size();
      consume(text.size());
      if (got == into.size() || end_at_hand()) return Status::success;
      more();
    }
  }

 private:
  static constexpr std::size_t kPiece = 4096;
  const char* seen_;
};

}  // namespace visa::format
