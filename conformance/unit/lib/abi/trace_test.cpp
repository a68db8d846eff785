// SPDX-License-Identifier: MIT
#include "lib/abi/trace.h"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>
#include <string>
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

TEST_F(Trace, OffWritesNothing) {
  start();
  log::redirect("");
  ::viClear(0);
  EXPECT_EQ(folder_.text("trace"), "");
}

}  // namespace
}  // namespace visa::abi
