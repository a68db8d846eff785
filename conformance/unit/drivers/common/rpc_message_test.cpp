// SPDX-License-Identifier: MIT
// Calls and replies as bytes.
#include "drivers/common/rpc_message.h"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <set>
#include <vector>

#include "conformance/unit/drivers/support/rpc_words.h"

namespace visa::test {
namespace {

using namespace drivers;

RpcReplyHead head_of(const std::vector<std::byte>& message) {
  XdrReader reader(message);
  return get_rpc_reply(reader);
}

TEST(RpcMessage, CallHasVersionTwoAndNoCredentials) {
  std::array<std::byte, kRpcCallHeader> room;
  XdrWriter writer(room);
  put_rpc_call(writer, 77, {0x0607AF, 1, 12});
  ASSERT_TRUE(writer.good());
  EXPECT_EQ(std::vector(room.begin(), room.end()), words({77, 0, 2, 0x0607AF, 1, 12, 0, 0, 0, 0}));
}

TEST(RpcMessage, AcceptedReplyLeavesTheReaderAtTheResults) {
  const auto message = words({77, 1, 0, 0, 0, 0, 4711});
  XdrReader reader(message);
  const RpcReplyHead head = get_rpc_reply(reader);
  EXPECT_EQ(head.xid, 77u);
  EXPECT_EQ(head.outcome, RpcOutcome::success);
  EXPECT_EQ(reader.word(), 4711u);
}

TEST(RpcMessage, VerifierOfTheServerIsSkipped) {
  const auto message = words({77, 1, 0, 1, 8, 0xAAAAAAAA, 0xBBBBBBBB, 0, 4711});
  XdrReader reader(message);
  EXPECT_EQ(get_rpc_reply(reader).outcome, RpcOutcome::success);
  EXPECT_EQ(reader.word(), 4711u);
}

TEST(RpcMessage, EveryRefusalIsToldApart) {
  const RpcOutcome accepted[] = {RpcOutcome::success,           RpcOutcome::program_unavailable,
                                 RpcOutcome::version_mismatch,  RpcOutcome::procedure_unavailable,
                                 RpcOutcome::garbage_arguments, RpcOutcome::system_error,
                                 RpcOutcome::malformed,         RpcOutcome::malformed};
  for (std::uint32_t status = 0; status < std::size(accepted); ++status) {
    const RpcReplyHead head = head_of(words({5, 1, 0, 0, 0, status, 1, 1}));
    EXPECT_EQ(head.outcome, accepted[status]);
    EXPECT_EQ(head.xid, 5u);
    EXPECT_FALSE(describe(head.outcome).empty());
  }
  EXPECT_EQ(head_of(words({5, 1, 1, 1, 1})).outcome, RpcOutcome::denied);
  EXPECT_EQ(head_of(words({5, 1, 1, 0, 2, 2})).outcome, RpcOutcome::denied);
  EXPECT_EQ(head_of(words({5, 1, 2, 0, 0, 0})).outcome, RpcOutcome::malformed);
  EXPECT_EQ(head_of(words({5, 0, 0, 0, 0, 0})).outcome, RpcOutcome::malformed);
}

TEST(RpcMessage, EveryCutIsMalformed) {
  const auto whole = words({77, 1, 0, 1, 8, 1, 2, 0});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<long>(size));
    EXPECT_EQ(head_of(cut).outcome, RpcOutcome::malformed) << size;
  }
}

TEST(RpcMessage, OversizedVerifierIsMalformed) {
  for (const std::uint32_t size : {404u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    auto message = words({77, 1, 0, 1, size});
    message.resize(1000);
    EXPECT_EQ(head_of(message).outcome, RpcOutcome::malformed) << size;
  }
}

TEST(RpcMessage, ConnectionsCountFromDifferentNumbers) {
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random_xid()).second);
  EXPECT_GT(*seen.rbegin() - *seen.begin(), 0x80000000u);
}

}  // namespace
}  // namespace visa::test
