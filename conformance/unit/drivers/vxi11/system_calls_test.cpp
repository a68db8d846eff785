// SPDX-License-Identifier: MIT
// What a query costs: the system calls of the channel.
#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/counted_calls.h"
#include "conformance/unit/drivers/support/open_vxi11.h"

namespace visa::test {
namespace {

class SystemCalls : public testing::TestWithParam<std::size_t> {};

TEST_P(SystemCalls, QueryIsTwoRoundTripsOfOneSendAndOneReceive) {
  OpenVxi11 device;
  constexpr int kQueries = 20;
  const std::string answer(GetParam(), 'a');
  Calls calls;
  for (int i = 0; i < kQueries; ++i) {
    device.instrument.says(answer);
    const Counting counting(calls);
    ASSERT_EQ(device.write("*IDN?\n").count, 6u);
    ASSERT_EQ(device.read(20480).data, answer);
  }
  EXPECT_EQ(calls.send, 2 * kQueries);
  EXPECT_EQ(calls.receive, 2 * kQueries);
  EXPECT_EQ(calls.poll, 0);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutPadding, SystemCalls, testing::Values(1, 2, 3, 4, 40, 1001));

}  // namespace
}  // namespace visa::test
