// SPDX-License-Identifier: MIT
// Counts the bytes of each sender in a search. A sender is an address, whatever its port. Messages
// beyond kMostBytesOfOneSender are ignored, so a broken or hostile sender costs bounded time and
// memory, and the search continues for the others. Lives for one search, on one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/common/endpoint.h"

namespace visa::drivers {

/// Enough for the answers of some hundred instruments that a router forwards under its own address.
inline constexpr std::size_t kMostBytesOfOneSender = std::size_t{1} << 20;

/// Each message counts as at least this many bytes, because a small one costs time too.
inline constexpr std::size_t kLeastBytesOfMessage = 512;

/// The senders that are counted separately; all further ones share kMostBytesOfTheRest.
inline constexpr std::size_t kMostSenders = 1024;
inline constexpr std::size_t kMostBytesOfTheRest = 4 * kMostBytesOfOneSender;

class LanSenders {
 public:
  /// Counts a message. Returns the number of its sender, from 0 to kMostSenders; nothing if that
  /// sender has used up its bytes: then drop the message unread.
  std::optional<std::size_t> admit(const Endpoint& from, std::size_t bytes);

  /// The senders that were cut off, one sentence each; at most kMostReported.
  const std::vector<std::string>& cut_off() const noexcept { return cut_off_; }

 private:
  static constexpr std::size_t kMostReported = 16;
  using Address = std::array<std::uint8_t, 20>;  // IPv6 and scope; IPv4 in the first four
  struct Account {
    std::size_t number = 0;
    std::size_t bytes = 0;
    bool reported = false;
  };

  static Address address_of(const Endpoint& from) noexcept;
  Account& account_of(const Endpoint& from);

  std::map<Address, Account> accounts_;
  Account rest_{kMostSenders};
  std::vector<std::string> cut_off_;
};

}  // namespace visa::drivers
