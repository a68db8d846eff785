// SPDX-License-Identifier: MIT
// One RPC connection with its far end in the hands of the test; the tests of VXI-11 go through it
// for every shape of reply.
#include "drivers/common/rpc_connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <string>

#include "conformance/unit/drivers/support/loopback.h"
#include "conformance/unit/drivers/support/rpc_words.h"
#include "drivers/common/connector.h"

namespace visa::test {
namespace {

using namespace drivers;
using std::chrono::milliseconds;

class RpcConnectionTest : public testing::Test {
 protected:
  RpcConnectionTest() {
    auto connection = connect_tcp({&server.endpoint(), 1}, "", {}, call);
    if (!connection) throw std::runtime_error(call.detail);
    rpc = std::make_unique<RpcConnection>(std::move(connection->socket), "peer");
    peer = server.accept();
  }

  /// Sends a call with one argument; its xid.
  std::uint32_t ask(std::span<const std::byte> bulk = {}) {
    RpcRequest request({0x0607AF, 1, 12});
    request.arguments().word(7);
    EXPECT_EQ(rpc->send(request, bulk, call), Status::success);
    const std::string seen = peer.receive(48 + bulk.size() + xdr_padding(bulk.size()));
    return get_word(reinterpret_cast<const std::byte*>(seen.data()) + 4);
  }
  std::string reply(std::uint32_t xid, std::uint32_t result) {
    return word_text({0x8000001C, xid, 1, 0, 0, 0, 0, result});
  }

  Call call{Deadline::after(milliseconds(20000))};
  LoopbackServer server;
  std::unique_ptr<RpcConnection> rpc;
  PeerEnd peer;
};

TEST_F(RpcConnectionTest, CallIsOneRecordWithItsDataPadded) {
  RpcRequest request({0x0607AF, 1, 11});
  request.arguments().word(7);
  const std::string data = "abcde";
  ASSERT_EQ(rpc->send(request, std::as_bytes(std::span(data)), call), Status::success);
  const std::string seen = peer.receive(4 + 40 + 4 + 8);
  const auto* bytes = reinterpret_cast<const std::byte*>(seen.data());
  EXPECT_EQ(get_word(bytes), 0x80000000u | (40 + 4 + 8));
  EXPECT_EQ(seen.substr(8, 36), word_text({0, 2, 0x0607AF, 1, 11, 0, 0, 0, 0}));
  EXPECT_EQ(seen.substr(44), word_text({7}) + "abcde" + std::string(3, '\0'));
  EXPECT_TRUE(rpc->reply_owed());
}

TEST_F(RpcConnectionTest, XidsCountUp) {
  const std::uint32_t first = ask();
  rpc->finish();
  EXPECT_EQ(ask(), first + 1);
}

TEST_F(RpcConnectionTest, ReplyIsTakenUpAgainWhereItWasLeft) {
  const std::string whole = reply(ask(), 4711);
  for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
    peer.send(whole.substr(i, 1));
    Call brief(Deadline::after(milliseconds(1)));
    EXPECT_EQ(rpc->receive(4, {}, brief).status, Status::error_tmo);
    EXPECT_TRUE(rpc->reply_owed());
  }
  peer.send(whole.substr(whole.size() - 1));
  const RpcReply got = rpc->receive(4, {}, call);
  ASSERT_EQ(got.results.size(), 4u);
  EXPECT_EQ(get_word(got.results.data()), 4711u);
  rpc->finish();
  EXPECT_FALSE(rpc->reply_owed());
}

TEST_F(RpcConnectionTest, ReplyThatWasGivenUpIsPassedOver) {
  const std::uint32_t old = ask();
  rpc->finish();  // nobody waits for it any more
  const std::uint32_t xid = ask();
  peer.send(reply(old, 1) + reply(xid, 2));
  EXPECT_EQ(get_word(rpc->receive(4, {}, call).results.data()), 2u);
}

TEST_F(RpcConnectionTest, EndlessForeignRepliesEndAtTheDeadline) {
  ask();
  std::string flood;
  for (std::uint32_t i = 0; i < 2000; ++i) flood += reply(i, 1);
  peer.send(flood);
  Call brief(Deadline::after(milliseconds(30)));
  EXPECT_EQ(rpc->receive(4, {}, brief).status, Status::error_tmo);
  EXPECT_FALSE(rpc->lost());
}

TEST_F(RpcConnectionTest, CallThatIsTooLongIsNoted) {
  RpcRequest request({0x0607AF, 1, 10});
  request.arguments().text(std::string(256, 'x'));
  EXPECT_TRUE(request.good());
  request.arguments().text(std::string(256, 'x'));
  EXPECT_FALSE(request.good());
}

TEST_F(RpcConnectionTest, GivenUpConnectionRefusesEverything) {
  ask();
  rpc->give_up();
  EXPECT_TRUE(rpc->lost());
  RpcRequest request({0x0607AF, 1, 12});
  EXPECT_EQ(rpc->send(request, {}, call), Status::error_conn_lost);
  EXPECT_EQ(rpc->receive(4, {}, call).status, Status::error_conn_lost);
  std::array<std::byte, 4> room;
  EXPECT_EQ(rpc->take(room, call).status, Status::error_conn_lost);
}

TEST_F(RpcConnectionTest, UnusableBufferIsToldAndNothingIsOwed) {
  if (std::getenv("FREEVISA_EMULATED") != nullptr) {
    GTEST_SKIP() << "qemu reads the address itself and ends, where a kernel answers EFAULT";
  }
  const auto* nowhere = reinterpret_cast<const std::byte*>(std::uintptr_t{4096});
  RpcRequest request({0x0607AF, 1, 11});
  EXPECT_EQ(rpc->send(request, {nowhere, 100'000}, call), Status::error_user_buf);
  EXPECT_FALSE(rpc->reply_owed());
  const std::string answer = reply(ask(), 3);
  peer.send(answer);
  EXPECT_EQ(get_word(rpc->receive(4, {}, call).results.data()), 3u);
}

}  // namespace
}  // namespace visa::test
