// SPDX-License-Identifier: MIT
// Replies put together from fragments, both ends on one thread; through VXI-11 in every shape:
// vxi11_reply_test. Random bytes: the fuzz target rpc_reply.
#include "drivers/common/rpc_records.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "conformance/unit/drivers/support/loopback.h"
#include "conformance/unit/drivers/support/rpc_words.h"
#include "drivers/common/connector.h"

namespace visa::test {
namespace {

using namespace drivers;
using std::chrono::milliseconds;

constexpr std::uint32_t kXid = 0x1234;
constexpr std::size_t kOneWord = kXdrWord;

class RpcRecordsTest : public testing::Test {
 protected:
  RpcRecordsTest() {
    auto connection = connect_tcp({&server.endpoint(), 1}, "", {}, call);
    if (!connection) throw std::runtime_error(call.detail);
    stream = std::make_unique<TcpStream>(std::move(connection->socket), "peer");
    records = std::make_unique<RpcRecords>(*stream);
    peer = server.accept();
  }

  /// One reply with one word of results; 0xDEAD where it failed.
  std::uint32_t one_word() {
    const RpcReply reply = records->reply(kXid, kOneWord, {}, call);
    if (failed(reply.status) || reply.results.size() != kOneWord) return 0xDEAD;
    return get_word(reply.results.data());
  }
  std::string take(std::size_t size) {
    std::string text(size, '\0');
    const StreamResult moved =
        records->take({reinterpret_cast<std::byte*>(text.data()), size}, call);
    EXPECT_EQ(moved.status, Status::success);
    text.resize(moved.count);
    return text;
  }

  Call call{Deadline::after(milliseconds(20000))};
  LoopbackServer server;
  std::unique_ptr<TcpStream> stream;
  std::unique_ptr<RpcRecords> records;
  PeerEnd peer;
};

std::string body(std::uint32_t xid, std::uint32_t result) {
  return word_text({xid, 1, 0, 0, 0, 0, result});
}
std::string fragment(std::string_view bytes, bool last) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  return word_text({last ? size | 0x80000000 : size}) + std::string(bytes);
}

TEST_F(RpcRecordsTest, FragmentsOfAnySizeAreOneReply) {
  const std::string whole = body(kXid, 77) + "data";
  for (const std::size_t size : {1u, 3u, 4u, 27u, 28u, 31u}) {
    std::string sent;
    for (std::size_t at = 0; at < whole.size(); at += size) {
      sent += fragment(whole.substr(at, size), at + size >= whole.size());
      sent += at == 0 ? fragment("", whole.size() == size) : "";  // an empty one does no harm
    }
    peer.send(sent);
    EXPECT_EQ(one_word(), 77u) << size;
    EXPECT_EQ(take(10), "data") << size;
    records->finish();
  }
}

TEST_F(RpcRecordsTest, RepliesToOtherCallsArePassedOver) {
  peer.send(fragment(body(kXid - 1, 1) + std::string(50000, 'x'), true) +
            fragment(body(kXid + 1, 2), true) + fragment(body(kXid, 3), true));
  EXPECT_EQ(one_word(), 3u);
}

TEST_F(RpcRecordsTest, NothingIsLostWhereACallIsLeftAtItsDeadline) {
  const std::string reply = fragment(body(kXid, 5) + "0123456789", true);
  for (std::size_t cut = 1; cut < reply.size(); cut += 5) {
    peer.send(reply.substr(0, cut));
    Call brief(Deadline::after(milliseconds(2)));
    const RpcReply first = records->reply(kXid, kOneWord, {}, brief);
    peer.send(reply.substr(cut));
    if (first.status == Status::error_tmo) {
      EXPECT_EQ(one_word(), 5u) << cut;
    } else {
      ASSERT_EQ(first.status, Status::success) << cut;
    }
    EXPECT_EQ(take(10), "0123456789") << cut;
    records->finish();
  }
}

TEST_F(RpcRecordsTest, WhatIsLeftOfARecordIsPassedOver) {
  peer.send(fragment(body(kXid, 1) + std::string(100, 'x'), true));
  EXPECT_EQ(one_word(), 1u);
  EXPECT_EQ(take(4), "xxxx");
  records->finish();
  peer.send(fragment(body(kXid, 2), true));
  EXPECT_EQ(one_word(), 2u);
}

TEST_F(RpcRecordsTest, RecordThatNeverEndsIsOverWithTheNextReply) {
  peer.send(fragment(body(kXid, 1), false));
  EXPECT_EQ(one_word(), 1u);
  records->finish();
  peer.send(fragment(body(kXid, 2), false));
  EXPECT_EQ(one_word(), 2u);
}

TEST_F(RpcRecordsTest, DataLandsInTheRoomItWasPromised) {
  const std::string data(5000, 'd');
  peer.send(fragment(body(kXid, 1) + data, true));
  std::string room(6000, '.');
  auto* const start = reinterpret_cast<std::byte*>(room.data());
  const RpcReply reply = records->reply(kXid, kOneWord, {start, room.size()}, call);
  ASSERT_EQ(reply.status, Status::success);
  const StreamResult moved = records->take({start, room.size()}, call);
  EXPECT_EQ(moved.count, data.size());
  EXPECT_EQ(room.substr(0, data.size()), data);
}

TEST_F(RpcRecordsTest, SomeIsWhatHasArrivedWithoutAWaitForTheRest) {
  peer.send(fragment(body(kXid, 1) + "abcdef", true).substr(0, 4 + 28 + 4));
  EXPECT_EQ(one_word(), 1u);
  std::array<std::byte, 100> room;
  const StreamResult some = records->take_some(room, call);
  EXPECT_EQ(some.status, Status::success);
  EXPECT_EQ(some.count, 4u);
  peer.send("ef");
  EXPECT_EQ(records->take_some(room, call).count, 2u);
  EXPECT_EQ(records->take_some(room, call).count, 0u);  // the record has no more
  EXPECT_EQ(records->take_some({}, call).count, 0u);
}

TEST_F(RpcRecordsTest, ReplyCutShortIsShorterThanAskedFor) {
  peer.send(fragment(word_text({kXid, 1, 0, 0, 0, 0}), true));
  const RpcReply reply = records->reply(kXid, kOneWord, {}, call);
  EXPECT_EQ(reply.status, Status::success);
  EXPECT_TRUE(reply.results.empty());
}

TEST_F(RpcRecordsTest, FragmentsWithNothingInThemDoNotOutstayTheDeadline) {
  std::string reply = fragment(body(kXid, 1), false);
  for (int i = 0; i < 1000; ++i) reply += fragment("", false);
  peer.send(reply + fragment("data", true));
  EXPECT_EQ(one_word(), 1u);
  Call late(Deadline::after(milliseconds(1)));
  while (!late.deadline.expired()) {
  }
  std::array<std::byte, 4> room{};
  EXPECT_EQ(records->take(room, late).status, Status::error_tmo);
  EXPECT_EQ(take(4), "data") << "and nothing is lost";
}

TEST_F(RpcRecordsTest, PeerThatGoesInTheMiddleIsALostConnection) {
  peer.send(fragment(body(kXid, 1), true).substr(0, 12));
  peer.close();
  EXPECT_EQ(records->reply(kXid, kOneWord, {}, call).status, Status::error_conn_lost);
}

}  // namespace
}  // namespace visa::test
