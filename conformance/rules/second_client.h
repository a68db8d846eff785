// SPDX-License-Identifier: MIT
// A VXI-11 client that is not the library under test. It plays another computer, whose locks only
// the device can enforce. It has only the parts of ONC RPC that this needs. Every wait is bounded;
// one thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "conformance/rules/check.h"

namespace visa::rules {

class SecondClient {
 public:
  /// Links to the device of the rule's resource. Throws NotShown if its core port is not known.
  explicit SecondClient(Check& check);
  ~SecondClient();
  SecondClient(const SecondClient&) = delete;
  SecondClient& operator=(const SecondClient&) = delete;

  /// Error codes of VXI-11: 0 none, 11 locked by another link, 12 no lock held.
  std::uint32_t lock();
  std::uint32_t unlock();
  std::uint32_t write(const std::string& message);

 private:
  using Words = std::vector<std::uint32_t>;
  Words call(std::uint32_t procedure, std::initializer_list<std::uint32_t> words,
             const std::string* text = nullptr);
  bool receive(void* into, std::size_t size);

  Check& check_;
  int fd_ = -1;
  std::uint32_t xid_ = 0x5EC0;
  std::uint32_t link_ = 0;
};

}  // namespace visa::rules
