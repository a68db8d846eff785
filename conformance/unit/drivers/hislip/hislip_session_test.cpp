// SPDX-License-Identifier: MIT
// What two connections agree on when a session is made.
#include "drivers/hislip/hislip_session.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <future>
#include <memory>
#include <string>

#include "conformance/unit/drivers/support/open_hislip.h"

namespace visa::test {
namespace {

using drivers::hislip::SecurityPlan;
using drivers::hislip::Session;

class HislipSession : public testing::Test {
 protected:
  Result<std::unique_ptr<Session>> open(const std::string& device = "hislip0",
                                        SecurityPlan plan = {}, milliseconds time = kLong) {
    Call call(Deadline::after(time));
    auto made = Session::open(std::span(&server.endpoint(), 1), "127.0.0.1", device, {}, 1024,
                              std::move(plan), call);
    detail = call.detail;
    return made;
  }

  LoopbackServer server;
  std::string detail;
};

TEST_F(HislipSession, AgreesOnVersionModeAndLargestMessage) {
  auto greeted = std::async(std::launch::async, [&] {
    return greet(server, {.features = 1, .version = 0x0200, .limit = 100});
  });
  auto session = open("hislip7");
  const Ends ends = greeted.get();
  ASSERT_TRUE(session) << detail;
  EXPECT_EQ((*session)->version(), 0x0200);
  EXPECT_TRUE((*session)->state().overlap());
  EXPECT_FALSE((*session)->encrypted());
  EXPECT_EQ((*session)->peer().port(), server.port());
  EXPECT_EQ(ends.initialize.payload, "hislip7");
  EXPECT_EQ(ends.async_initialize.parameter, kSessionId) << "the id that the first one got";
  EXPECT_EQ(ends.size.payload, std::string("\0\0\0\0\0\x10\0\0", 8)) << "1024 kilobytes";
}

TEST_F(HislipSession, RefusedSecondConnectionIsNotFoundWithTheReason) {
  auto refused = std::async(std::launch::async, [&] {
    PeerEnd sync = server.accept();
    take(sync);
    put(sync, {MessageType::initialize_response, 0, 0x01000000U | kSessionId});
    PeerEnd async = server.accept();
    take(async);
    put(async, {MessageType::error, 1, 0, "too many clients"});
    return std::pair(std::move(sync), std::move(async));
  });
  EXPECT_EQ(open().status(), Status::error_rsrc_nfound);
  EXPECT_NE(detail.find("too many clients"), std::string::npos) << detail;
  refused.get();
}

TEST_F(HislipSession, SilenceIsSaidWithTheDeviceAndNotAtItsFullLength) {
  const std::string device(100, 'x');
  EXPECT_EQ(open(device, {}, kShort).status(), Status::error_tmo);
  EXPECT_NE(detail.find("\"" + std::string(40, 'x') + "...\""), std::string::npos) << detail;
}

TEST_F(HislipSession, LargestMessageMayBeRefusedLaterToo) {
  auto greeted = std::async(std::launch::async, [&] { return greet(server, {}); });
  auto session = open();
  const Ends ends = greeted.get();
  ASSERT_TRUE(session) << detail;
  put(ends.async, {MessageType::error, 1, 0, "not now"});
  Call call(Deadline::after(kLong));
  EXPECT_EQ((*session)->exchange_message_size(4, call), Status::error_nsup_oper);
  EXPECT_NE(call.detail.find("not now"), std::string::npos) << call.detail;
  const Message asked = take(ends.async);
  EXPECT_EQ(asked.type, MessageType::async_maximum_message_size);
  EXPECT_EQ(asked.payload, std::string("\0\0\0\0\0\0\x10\0", 8));
}

TEST_F(HislipSession, PlanThatInsistsEndsWhereTheInstrumentCannot) {
  auto greeted = std::async(std::launch::async, [&] {
    PeerEnd sync = server.accept();
    take(sync);
    put(sync, {MessageType::initialize_response, 0, 0x01000000U | kSessionId});
    PeerEnd async = server.accept();
    take(async);
    put(async, {MessageType::async_initialize_response});
    return std::pair(std::move(sync), std::move(async));
  });
  SecurityPlan plan;
  plan.by_credential = true;
  const auto session = open("hislip0", std::move(plan));
  const auto ends = greeted.get();
  EXPECT_FALSE(session);
  EXPECT_NE(session.status(), Status::error_rsrc_nfound) << detail;
  EXPECT_EQ(ends.first.next(), 0) << "closed, nothing was sent in clear text";
}

TEST_F(HislipSession, CloseEndsBothConnections) {
  auto greeted = std::async(std::launch::async, [&] { return greet(server, {}); });
  auto session = open();
  const Ends ends = greeted.get();
  ASSERT_TRUE(session) << detail;
  (*session)->close();
  EXPECT_EQ(ends.sync.next(), 0);
  EXPECT_EQ(ends.async.next(), 0);
}

}  // namespace
}  // namespace visa::test
