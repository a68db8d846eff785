// SPDX-License-Identifier: MIT
// What a query costs: the system calls of the channel.
#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/counted_calls.h"
#include "conformance/unit/drivers/support/open_hislip.h"

namespace visa::test {
namespace {

class SystemCalls : public testing::TestWithParam<std::size_t> {};

TEST_P(SystemCalls, QueryIsOneSendAndOneReceive) {
  for (const std::uint8_t features : {std::uint8_t{0}, std::uint8_t{1}}) {
    OpenHislip device({.features = features});
    constexpr std::uint32_t kQueries = 20;
    const std::string text(GetParam(), 'a');
    Calls calls;
    for (std::uint32_t i = 0; i < kQueries; ++i) {
      device.answer(kFirst + 2 * i, text);  // waits in the system's buffer
      const Counting counting(calls);
      ASSERT_EQ(device.write("*IDN?\n").count, 6u);
      ASSERT_EQ(device.read(20480).data, text);
    }
    EXPECT_EQ(calls.send, static_cast<int>(kQueries));
    EXPECT_EQ(calls.receive, static_cast<int>(kQueries));
    EXPECT_EQ(calls.poll, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Answers, SystemCalls, testing::Values(1, 40, 16384));

TEST(SystemCalls, AnAnswerInManyMessagesTakesTheirHeadersAlong) {
  OpenHislip device;
  const std::uint32_t id = device.ask();
  constexpr int kMessages = 20;
  for (int i = 0; i < kMessages; ++i) device.answer(id, "0123456789", MessageType::data);
  device.answer(id, "end\n");
  Calls calls;
  {
    const Counting counting(calls);
    ASSERT_EQ(device.read(10 * kMessages + 4).data.size(), 10u * kMessages + 4);
  }
  EXPECT_LE(calls.receive, 1 + kMessages);
}

TEST(SystemCalls, AStatusByteIsOneSendAndOneReceive) {
  OpenHislip device;
  put(device.ends.async, {MessageType::async_status_response, 0x10});
  Calls calls;
  {
    const Counting counting(calls);
    Call call(Deadline::after(kLong));
    ASSERT_TRUE(device.channel->read_status_byte(call));
  }
  EXPECT_EQ(calls.send, 1);
  EXPECT_EQ(calls.receive, 1);
  EXPECT_EQ(calls.poll, 0);
}

}  // namespace
}  // namespace visa::test
