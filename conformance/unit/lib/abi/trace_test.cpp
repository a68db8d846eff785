// SPDX-License-Identifier: MIT
#include "lib/abi/trace.h"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/support/visa_session.h"

namespace visa::abi {
namespace {

TEST(StatusName, IsTheNameOfTheStandardOrTheNumber) {
  EXPECT_EQ(status_name(Status::success), "VI_SUCCESS");
  EXPECT_EQ(status_name(Status::error_tmo), "VI_ERROR_TMO");
  EXPECT_EQ(status_name(static_cast<Status>(0x12345)), "0x00012345");
  EXPECT_EQ(status_name(static_cast<Status>(-2)), "0xFFFFFFFE");
}

class Trace : public test::VisaSession {
 protected:
  ~Trace() override { log::redirect(""); }
  void start() { log::redirect(folder_.file("trace")); }
  // The records, without time, process and thread.
  std::vector<std::string> records() const {
    std::vector<std::string> all;
    std::istringstream stream(folder_.text("trace"));
    for (std::string line; std::getline(stream, line);) {
      const auto at = line.find_first_of("<>");
      if (at != std::string::npos) all.push_back(line.substr(at));
    }
    return all;
  }
  void expect_pair(const std::string& in, const std::string& out) {
    const auto all = records();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0], in);
    EXPECT_TRUE(std::regex_match(all[1], std::regex(out + R"( \[\d+\.\d{3} ms\])"))) << all[1];
  }
};

TEST_F(Trace, ShowsACallGoingInAndComingOut) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kGpib, wire);
  wire->answers("hello\n");
  start();
  std::string data;
  read(session, data);
  expect_pair("> viRead(vi=" + std::to_string(session) + ", cnt=256)",
              R"re(< viRead = VI_SUCCESS retCnt=6, buf="hello\\n")re");
}

TEST_F(Trace, ShowsAFailureByName) {
  start();
  ::viClear(0);
  expect_pair("> viClear(vi=0)", "< viClear = VI_ERROR_INV_OBJECT");
}

TEST_F(Trace, GivesTheReasonOfAFailure) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kGpib, wire);
  wire->fails("clear", Status::error_conn_lost, "192.0.2.1: the connection was reset");
  wire->fails("read", Status::error_tmo, "192.0.2.1: no answer");
  start();
  ::viClear(session);
  expect_pair("> viClear(vi=" + std::to_string(session) + ")",
              R"(< viClear = VI_ERROR_CONN_LOST: 192\.0\.2\.1: the connection was reset)");
  log::redirect(folder_.make("trace", "").c_str());
  std::string data;
  read(session, data);
  const auto all = records();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].find("< viRead = VI_ERROR_TMO: 192.0.2.1: no answer; retCnt=0, buf=\"\" ["), 0u)
      << all[1];
}

TEST_F(Trace, GivesTheReasonWhyNothingWasOpened) {
  bench().on_open([](Call& call) {
    return call.fail(Status::error_rsrc_nfound, "192.0.2.1 port 111: connection refused");
  });
  start();
  ViSession session = VI_NULL;
  ::viOpen(rm_, test::kLan, VI_NO_LOCK, 0, &session);
  const auto all = records();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(
      all[1].find("< viOpen = VI_ERROR_RSRC_NFOUND: 192.0.2.1 port 111: connection refused ["), 0u)
      << all[1];
}

TEST_F(Trace, GivesTheReasonWhyNothingWasFound) {
  bench().on_find(model::Interface::tcpip,
                  [](const model::FindExpression&, Call& call, spi::DescriptorSink&) {
                    call.detail = "no network interface is up";
                  });
  start();
  ViUInt32 count = 0;
  EXPECT_EQ(::viFindRsrc(rm_, "TCPIP?*", nullptr, &count, nullptr), VI_ERROR_RSRC_NFOUND);
  EXPECT_NE(folder_.text("trace").find(
                "< viFindRsrc = VI_ERROR_RSRC_NFOUND: lan: no network interface is up ["),
            std::string::npos)
      << folder_.text("trace");
  EXPECT_NE(description(rm_, VI_ERROR_RSRC_NFOUND).find("no network interface"), std::string::npos);
}

TEST_F(Trace, GivesTheReasonOfAWarning) {
  start();
  ViSession session = VI_NULL;
  EXPECT_EQ(::viOpen(rm_, test::kGpib, VI_LOAD_CONFIG, 0, &session), VI_WARN_CONFIG_NLOADED);
  const auto all = records();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].find("< viOpen = VI_WARN_CONFIG_NLOADED: GPIB0::5::INSTR: no configuration file "
                        "has attributes for this resource; vi="),
            0u)
      << all[1];
  EXPECT_NE(description(session, VI_WARN_CONFIG_NLOADED).find("no configuration file"),
            std::string::npos);
}

TEST_F(Trace, AnEarlierReasonIsNotGivenAgain) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kGpib, wire);
  wire->fails("clear", Status::error_tmo, "the first").fails("clear", Status::error_tmo);
  ::viClear(session);
  start();
  ::viClear(session);
  expect_pair("> viClear(vi=" + std::to_string(session) + ")", "< viClear = VI_ERROR_TMO");
}

TEST_F(Trace, ASuccessHasNoReason) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kGpib, wire);
  wire->then({.operation = "clear", .detail = "tried twice"});
  start();
  ::viClear(session);
  expect_pair("> viClear(vi=" + std::to_string(session) + ")", "< viClear = VI_SUCCESS");
}

TEST_F(Trace, TellsHowAJobEnded) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kGpib, wire);
  ASSERT_EQ(::viEnableEvent(session, VI_EVENT_IO_COMPLETION, VI_QUEUE, VI_NULL), VI_SUCCESS);
  wire->fails("read", Status::error_conn_lost, "192.0.2.1: the connection was reset");
  start();
  char room[8];
  ViJobId id = VI_NULL;
  ASSERT_EQ(::viReadAsync(session, reinterpret_cast<ViPBuf>(room), 8, &id), VI_SUCCESS);
  ViEventType type = 0;
  ViEvent event = VI_NULL;
  ASSERT_EQ(::viWaitOnEvent(session, VI_EVENT_IO_COMPLETION, 30000, &type, &event), VI_SUCCESS);
  EXPECT_NE(folder_.text("trace").find("job " + std::to_string(id) +
                                       " of viReadAsync = VI_ERROR_CONN_LOST: 192.0.2.1: the "
                                       "connection was reset; retCount=0\n"),
            std::string::npos)
      << folder_.text("trace");
  ::viClose(event);
}

TEST_F(Trace, ShowsAttributesByNameAndValue) {
  const ViSession session = open(test::kGpib);
  start();
  ViUInt32 value = 0;
  ::viGetAttribute(session, VI_ATTR_TMO_VALUE, &value);
  expect_pair("> viGetAttribute(vi=" + std::to_string(session) + ", attrName=VI_ATTR_TMO_VALUE)",
              "< viGetAttribute = VI_SUCCESS attrValue=2000");
}

TEST_F(Trace, OldPointersAreNotFollowedWhenTheHandleIsBad) {
  start();
  ::viGetAttribute(0, VI_ATTR_RSRC_NAME, reinterpret_cast<void*>(1));
  ::viStatusDesc(0, VI_SUCCESS, nullptr);
  ::viFindRsrc(0, "?*", nullptr, nullptr, nullptr);
  EXPECT_EQ(records().size(), 6u);
}

TEST_F(Trace, AReadWithoutACountStillShowsItsData) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kGpib, wire);
  wire->answers("abc");
  start();
  char room[8] = {};
  EXPECT_EQ(::viRead(session, reinterpret_cast<ViPBuf>(room), 8, nullptr), VI_SUCCESS);
  const auto all = records();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_NE(all[1].find("buf=\"abc\""), std::string::npos) << all[1];
}

// The answer is read, and its line written, before the write of the question has come back.
TEST_F(Trace, APasswordThatAWaitingReadGetsIsHidden) {
  start();
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kSocket, wire);
  ASSERT_EQ(set(session, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);
  wire->with({.duplex = true, .stream = true}).blocks("write").answers("geheim\n");
  std::thread asking([&] { EXPECT_EQ(write(session, "SYST:PASS?\n"), VI_SUCCESS); });
  EXPECT_TRUE(wire->wait_until_blocked());
  std::string data;
  EXPECT_EQ(read(session, data), VI_SUCCESS);
  wire->release();
  asking.join();
  EXPECT_EQ(data, "geheim\n");
  const auto text = folder_.text("trace");
  EXPECT_EQ(text.find("geheim"), std::string::npos) << text;
  EXPECT_NE(text.find("buf=\"*******\""), std::string::npos) << text;
}

TEST_F(Trace, TheRestOfAPasswordInTheReadBufferStaysHidden) {
  start();
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(test::kSocket, wire);
  ASSERT_EQ(set(session, VI_ATTR_TERMCHAR_EN, VI_TRUE), VI_SUCCESS);
  wire->answers("geheim\n", spi::StopReason::termchar)
      .answers("maker\n", spi::StopReason::termchar);
  EXPECT_EQ(write(session, "SYST:PASS?\n"), VI_SUCCESS);
  ViByte room[8] = {};
  ViUInt32 count = 0;
  EXPECT_EQ(viBufRead(session, room, 2, &count), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(write(session, "*IDN?\n"), VI_SUCCESS);
  EXPECT_EQ(viBufRead(session, room, 8, &count), VI_SUCCESS_TERM_CHAR);
  EXPECT_EQ(viBufRead(session, room, 8, &count), VI_SUCCESS_TERM_CHAR);
  const auto text = folder_.text("trace");
  EXPECT_EQ(text.find("heim"), std::string::npos) << text;
  EXPECT_NE(text.find("maker"), std::string::npos) << text;
}

TEST_F(Trace, OffWritesNothing) {
  start();
  log::redirect("");
  ::viClear(0);
  EXPECT_EQ(folder_.text("trace"), "");
}

}  // namespace
}  // namespace visa::abi
