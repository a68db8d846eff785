// SPDX-License-Identifier: MIT
// Finds the service requests (device_intr_srq) in the bytes that an instrument sends on its
// interrupt channel. Tolerant, because several instruments send wrong record lengths: some claim
// four bytes more than they send, some fewer. A call is recognised by its contents and delivered as
// soon as its handle has arrived; after a wrong length the next call is found by its first words.
// Owned by one connection; one thread.
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

  /// True if the handle is `whole`, or a beginning of it that is too long to match by chance.
  bool carries(const std::array<std::byte, kHandleSize>& whole) const noexcept;
};

/// The empty RPC reply to the request, as a record.
std::array<std::byte, kXdrWord + kRpcReplyHeader> acknowledgement(const ServiceRequest& request);

class InterruptMessages {
 public:
  /// The most bytes between two requests; a peer that sends more is not using an interrupt channel.
  static constexpr std::size_t kMost = 4096;

  /// Adds received bytes. False after kMost bytes without a request: close the connection.
  bool add(std::span<const std::byte> data);

  /// The next service request, if one has arrived.
  std::optional<ServiceRequest> next();

 private:
  bool find_call();
  void drop(std::size_t count);

  std::vector<std::byte> held_;
  std::size_t noise_ = 0;  // bytes dropped since the last request
};

}  // namespace visa::drivers::vxi11
