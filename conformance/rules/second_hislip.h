// SPDX-License-Identifier: MIT
// A HiSLIP client that is not the library under test. It plays another computer, whose locks only
// the instrument can enforce. It has only the parts of the protocol that this needs. Every wait is
// bounded; one thread.
#pragma once

#include <cstdint>
#include <string>

#include "conformance/rules/check.h"

namespace visa::rules {

class SecondHislip {
 public:
  /// Opens a session with the sub-address of the rule's resource.
  explicit SecondHislip(Check& check);
  ~SecondHislip();
  SecondHislip(const SecondHislip&) = delete;
  SecondHislip& operator=(const SecondHislip&) = delete;

  /// The control code of AsyncLockResponse: 0 not granted, 1 granted, 3 error. With "" exclusive,
  /// else shared with that key; without waiting.
  int lock(const std::string& key = "");
  /// 1: the exclusive one was given back, 2: the shared one, 3: there was none.
  int unlock();

 private:
  struct Answer {
    int control = -1;
    std::uint32_t parameter = 0;
  };
  Answer exchange(int fd, int type, int control, std::uint32_t parameter,
                  const std::string& payload, int wanted);
  int connect(const std::string& port);

  Check& check_;
  int sync_ = -1;
  int async_ = -1;
};

}  // namespace visa::rules
