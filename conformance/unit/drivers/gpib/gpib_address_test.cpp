// SPDX-License-Identifier: MIT
// Addresses in names and on the bus.
#include "drivers/gpib/gpib_address.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace visa::drivers::gpib {
namespace {

TEST(GpibAddressTest, IsWrittenAndSentAsTheBusWants) {
  EXPECT_EQ((Address{5}.text()), "5");
  EXPECT_EQ((Address{5, 0}.text()), "5::0");
  std::vector<std::byte> sent;
  append_listen(sent, {5});
  append_talk(sent, {30, 0});
  EXPECT_EQ(sent, (std::vector<std::byte>{std::byte{0x25}, std::byte{0x5E}, std::byte{0x60}}));
  EXPECT_LT((Address{5}), (Address{5, 0}));
}

}  // namespace
}  // namespace visa::drivers::gpib
