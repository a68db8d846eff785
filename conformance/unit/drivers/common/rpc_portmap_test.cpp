// SPDX-License-Identifier: MIT
// The portmapper's question and its answers as bytes.
#include "drivers/common/rpc_portmap.h"

#include <gtest/gtest.h>

#include <vector>

#include "conformance/unit/drivers/support/rpc_words.h"

namespace visa::test {
namespace {

using namespace drivers;

TEST(RpcPortmap, CallIsTheDatagramOfFiftySixBytes) {
  const GetPortCall call = make_getport_call(0x3E8, kVxi11CoreProgram, 1, kPortmapTcp);
  EXPECT_EQ(std::vector(call.begin(), call.end()),
            words({0x3E8, 0, 2, 100000, 2, 3, 0, 0, 0, 0, 0x0607AF, 1, 6, 0}));
}

TEST(RpcPortmap, ReplyGivesThePort) {
  const auto reply = read_getport_reply(words({9, 1, 0, 0, 0, 0, 1024}), 9);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->outcome, RpcOutcome::success);
  EXPECT_EQ(reply->port, 1024);
}

TEST(RpcPortmap, NoPortIsZero) {
  for (const std::uint32_t port : {0u, 65536u, 0xFFFFFFFFu}) {
    const auto reply = read_getport_reply(words({9, 1, 0, 0, 0, 0, port}), 9);
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->port, 0);
  }
}

TEST(RpcPortmap, ForeignMessagesAreNoAnswers) {
  EXPECT_FALSE(read_getport_reply(words({8, 1, 0, 0, 0, 0, 1024}), 9));
  EXPECT_FALSE(read_getport_reply(words({9, 0, 2, 100000, 2, 3, 0, 0, 0, 0}), 9));
  EXPECT_FALSE(read_getport_reply({}, 9));
  EXPECT_FALSE(read_getport_reply(words({9}), 9));
}

TEST(RpcPortmap, RefusedAndCutRepliesHaveNoPort) {
  const auto unavailable = read_getport_reply(words({9, 1, 0, 0, 0, 1}), 9);
  ASSERT_TRUE(unavailable.has_value());
  EXPECT_EQ(unavailable->outcome, RpcOutcome::program_unavailable);
  const auto cut = read_getport_reply(words({9, 1, 0, 0, 0, 0}), 9);
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(cut->outcome, RpcOutcome::malformed);
  EXPECT_EQ(cut->port, 0);
}

}  // namespace
}  // namespace visa::test
