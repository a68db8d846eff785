// SPDX-License-Identifier: MIT
// IEEE 488.1: a primary address goes into the low five bits of LAD or TAD; the secondary address
// follows it at once.
#include "drivers/gpib/gpib_address.h"

#include <cstddef>

namespace visa::drivers::gpib {
namespace {

void append(std::vector<std::byte>& bytes, std::uint8_t group, const Address& address) {
  bytes.push_back(static_cast<std::byte>(group + address.primary));
  if (address.secondary) bytes.push_back(static_cast<std::byte>(kMsa + *address.secondary));
}

}  // namespace

std::string Address::text() const {
  std::string text = std::to_string(primary);
  if (secondary) text += "::" + std::to_string(*secondary);
  return text;
}

void append_listen(std::vector<std::byte>& bytes, const Address& address) {
  append(bytes, kLad, address);
}

void append_talk(std::vector<std::byte>& bytes, const Address& address) {
  append(bytes, kTad, address);
}

}  // namespace visa::drivers::gpib
