// SPDX-License-Identifier: MIT
// Invariant: accounts_ has at most kMostSenders entries; every further sender counts on rest_.
#include "drivers/discovery/lan_senders.h"

#include <algorithm>
#include <cstring>

namespace visa::drivers {

std::optional<std::size_t> LanSenders::admit(const Endpoint& from, std::size_t bytes) {
  Account& account = account_of(from);
  const bool of_the_rest = account.number == kMostSenders;
  const std::size_t most = of_the_rest ? kMostBytesOfTheRest : kMostBytesOfOneSender;
  if (account.bytes < most) {
    account.bytes += std::max(bytes, kLeastBytesOfMessage);
    return account.number;
  }
  if (!account.reported && cut_off_.size() < kMostReported) {
    const std::string sender =
        of_the_rest ? "more than " + std::to_string(kMostSenders) + " senders" : from.numeric();
    cut_off_.push_back(sender + ": too many answers; the rest of them was ignored");
  }
  account.reported = true;
  return std::nullopt;
}

LanSenders::Account& LanSenders::account_of(const Endpoint& from) {
  const Address address = address_of(from);
  const auto known = accounts_.find(address);
  if (known != accounts_.end()) return known->second;
  if (accounts_.size() == kMostSenders) return rest_;
  return accounts_.emplace(address, Account{accounts_.size()}).first->second;
}

LanSenders::Address LanSenders::address_of(const Endpoint& from) noexcept {
  Address address{};
  if (from.family() == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, from.address(), sizeof v4);
    std::memcpy(address.data(), &v4.sin_addr, sizeof v4.sin_addr);
  } else {
    sockaddr_in6 v6;
    std::memcpy(&v6, from.address(), sizeof v6);
    std::memcpy(address.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    std::memcpy(address.data() + sizeof v6.sin6_addr, &v6.sin6_scope_id, sizeof v6.sin6_scope_id);
  }
  return address;
}

}  // namespace visa::drivers
