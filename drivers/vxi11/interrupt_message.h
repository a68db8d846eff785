// SPDX-License-Identifier: MIT
// Finds the service requests (device_intr_srq) in what an instrument sends on its interrupt
// channel. Lenient, because the records of several instruments are wrong: some claim four bytes
// more than they send, some fewer. A call is recognised by its contents, and delivered as soon as
// its handle is there; behind a wrong length the next call is found by its beginning. Owned by one
// connection; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "drivers/vxi11/vxi11_protocol.h"

namespace visa::drivers::vxi11 {

struct ServiceRequest {
  std::uint32_t xid = 0;
  std::array<std::byte, kHandleSize> handle{};
  std::size_t handle_size = 0;

  /// Whether that is `whole`, or enough of its beginning to be beyond chance.
  bool carries(const std::array<std::byte, kHandleSize>& whole) const noexcept;
};

/// The empty RPC reply to it, as a record.
std::array<std::byte, kXdrWord + kRpcReplyHeader> acknowledgement(const ServiceRequest& request);

class InterruptMessages {
 public:
  /// The most bytes between two requests; more is no interrupt channel.
  static constexpr std::size_t kMost = 4096;

  /// Adds what was received. False where that is no interrupt channel: give the connection up.
  bool add(std::span<const std::byte> data);

  /// The next service request, if one is there.
  std::optional<ServiceRequest> next();

 private:
  bool find_call();
  void drop(std::size_t count);

  std::vector<std::byte> held_;
  std::size_t noise_ = 0;  // bytes dropped since the last request
};

}  // namespace visa::drivers::vxi11
