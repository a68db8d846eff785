// SPDX-License-Identifier: MIT
// A byte stream that stands in for a bus with END: what a program written for GPIB needs on a raw
// socket. A mark (a line feed as a rule) after each written message, and the mark as the END of
// each answer. IEEE 488.2 blocks of definite length may hold the mark. Wraps the driver's channel
// and keeps its promises: one reader and one writer at a time, `wake` from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "lib/spi/channel.h"

namespace visa::core {

/// Where in an answer the stream is: inside a block (`#15abcde`) the mark is data. A block begins
/// an answer or its value after a header (`:CURV #15abcde`), or follows another block and a
/// separator. A plain value.
class BlockScanner {
 public:
  /// Bytes of the block that are still to come; 0 outside of blocks.
  std::uint64_t left() const noexcept { return left_; }

  /// Goes on over `bytes`. True when the last of them is no data of a block. `bytes` is not empty.
  bool pass(std::span<const std::byte> bytes) noexcept;

 private:
  void outside(char c) noexcept;
  /// No block can begin any more in this answer.
  bool plain() const noexcept {
    return !only_header_ && !may_begin_ && !after_block_ && !hash_ && digits_ == 0;
  }

  std::uint64_t left_ = 0;
  std::uint64_t length_ = 0;  // as far as its digits have come
  unsigned digits_ = 0;       // of the length that are still to come
  bool hash_ = false;         // the last byte was the # of a block
  bool may_begin_ = true;     // a # here begins a block
  bool only_header_ = true;   // the answer has been nothing but a header so far
  bool after_block_ = false;  // a block has just ended
};

class MessageChannel final : public spi::Channel {
 public:
  MessageChannel(std::unique_ptr<spi::Channel> stream, char mark)
      : stream_(std::move(stream)), mark_(static_cast<std::byte>(mark)) {}

  void close(Call& call) noexcept override { stream_->close(call); }
  spi::Traits traits() const noexcept override;

  /// Without `rule.suppress_end` the mark ends the read as END. Where the program has another
  /// termination character enabled, that alone ends it, as what it is.
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;

  /// With WriteEnd::end the mark follows, unless it is the last byte already.
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;

  void wake() noexcept override { stream_->wake(); }
  Result<std::uint8_t> read_status_byte(Call& call) override {
    return stream_->read_status_byte(call);
  }
  Status clear(Call& call) override;
  Status trigger(const spi::TriggerRule& rule, Call& call) override {
    return stream_->trigger(rule, call);
  }
  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override {
    return stream_->get_attribute(id, call);
  }
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override {
    return stream_->set_attribute(id, value, call);
  }
  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override {
    return stream_->enable_event(type, sink, call);
  }
  Status disable_event(ViEventType type, Call& call) override {
    return stream_->disable_event(type, call);
  }
  spi::Facets facets() noexcept override { return stream_->facets(); }

 private:
  spi::WriteResult write_marked(std::span<const std::byte> data, Call& call);

  const std::unique_ptr<spi::Channel> stream_;
  const std::byte mark_;
  BlockScanner scanner_;                // the reader's
  std::atomic<bool> new_answer_{true};  // by the writer: what the scanner has seen is over
};

}  // namespace visa::core
