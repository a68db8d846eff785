// SPDX-License-Identifier: MIT
// What the tests of reading share.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/drivers/support/open_tmc.h"

namespace visa::test {

using drivers::usb::BulkIn;
using spi::StopReason;

inline std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('!' + i % 89);
  return text;
}

class BulkInTest : public testing::Test {
 protected:
  OpenTmc tmc;

  void expect_in_step() {
    tmc.model.silent = false;
    EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
    EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
    EXPECT_EQ(tmc.usb->running, 0);
  }
};

}  // namespace visa::test
