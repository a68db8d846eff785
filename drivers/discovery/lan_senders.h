// SPDX-License-Identifier: MIT
// Who has said how much in a search. A sender, which is an address whatever its port, is heard up
// to kMostBytesOfOneSender: a broken or hostile one costs so much time and memory and no more, and
// the search goes on for the others. Lives for one search, on one thread.
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

/// As much as the answers of some hundred instruments that a router passes on under its own
/// address.
inline constexpr std::size_t kMostBytesOfOneSender = std::size_t{1} << 20;

/// A message counts so much at least: a small one is work, too.
inline constexpr std::size_t kLeastBytesOfMessage = 512;

/// The senders that are told apart; those after them count as one, with kMostBytesOfTheRest.
inline constexpr std::size_t kMostSenders = 1024;
inline constexpr std::size_t kMostBytesOfTheRest = 4 * kMostBytesOfOneSender;

class LanSenders {
 public:
  /// Counts a message. The number of its sender, from 0 to kMostSenders; nothing when that sender
  /// has said enough: then drop the message unread.
  std::optional<std::size_t> admit(const Endpoint& from, std::size_t bytes);

  /// The senders that were cut off, a sentence each; at most kMostTold.
  const std::vector<std::string>& cut_off() const noexcept { return cut_off_; }

 private:
  static constexpr std::size_t kMostTold = 16;
  using Address = std::array<std::uint8_t, 20>;  // IPv6 and scope; IPv4 in the first four
  struct Account {
    std::size_t number = 0;
    std::size_t bytes = 0;
    bool told = false;
  };

  static Address address_of(const Endpoint& from) noexcept;
  Account& account_of(const Endpoint& from);

  std::map<Address, Account> accounts_;
  Account rest_{kMostSenders};
  std::vector<std::string> cut_off_;
};

}  // namespace visa::drivers
