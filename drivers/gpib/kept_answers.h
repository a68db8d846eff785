// SPDX-License-Identifier: MIT
// What an adapter has sent of a device's answer that no read has taken yet: some adapters send
// whole answers, however few bytes are asked for, and an answer may have to make way for an
// operation with another device. Bounded; owned by a controller and used inside the bus.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "drivers/gpib/gpib_address.h"
#include "lib/base/call.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::gpib {

class KeptAnswers {
 public:
  /// The most bytes kept of one device. An answer that is longer is cut off.
  static constexpr std::size_t kMost = std::size_t{16} * 1024 * 1024;

  void add(const Address& device, std::span<const std::byte> bytes);
  /// The device has ended its answer with the last byte added.
  void end(const Address& device);
  /// A part of its answer was lost after the last byte added.
  void cut(const Address& device) { answers_[device].cut = true; }
  /// A new message or a clear makes the answer void.
  void drop(const Address& device) { answers_.erase(device); }

  /// Moves what there is to `into`, after the `result.count` bytes that are there. True when the
  /// read is over, with its reason in `result`; error_io, once, where the answer was cut off.
  bool deliver(const Address& device, std::span<std::byte> into, const spi::EndRule& rule,
               spi::ReadResult& result, Call& call);

  bool empty() const noexcept { return answers_.empty(); }

 private:
  struct Answer {
    std::string bytes = {};
    std::size_t from = 0;
    bool ended = false;
    bool cut = false;
  };
  std::map<Address, Answer> answers_;
};

}  // namespace visa::drivers::gpib
