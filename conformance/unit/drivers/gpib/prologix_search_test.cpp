// SPDX-License-Identifier: MIT
// Which devices are found, by which lines, and what a search leaves alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/prologix_fixture.h"

namespace visa::drivers::gpib {
namespace {

using Found = std::vector<Address>;

TEST_F(PrologixControllerTest, PollsEachAddressOnceWithAShortTimer) {
  model_->polls = {{"5", 0x10}, {"30", 0}};
  Call call(soon());
  const auto found = controller_->find_listeners(call);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, (Found{{5}, {30}}));
  const Lines lines = model_->take_lines();
  EXPECT_EQ(lines.front(), "++srq");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "++read_tmo_ms 10"), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "++spoll 0"), 0);  // the adapter's own
  for (int primary = 1; primary <= 30; ++primary) {
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "++spoll " + std::to_string(primary)), 1);
  }
  EXPECT_TRUE(model_->messages.empty());
}

TEST_F(PrologixControllerTest, ASearchLeavesARequestAlone) {
  model_->polls = {{"5", 0x50}};
  model_->srq = true;
  Call call(soon());
  const auto found = controller_->find_listeners(call);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->empty());
  EXPECT_NE(call.detail.find("requests service"), std::string::npos) << call.detail;
  EXPECT_EQ(model_->polls["5"], 0x50);
}

TEST_F(PrologixControllerTest, ASearchThatIsLateReturnsWhatItHas) {
  model_->polls = {{"1", 0}};
  model_->pause = std::chrono::milliseconds(5);
  Call call(Deadline::after(std::chrono::milliseconds(30)));
  model_->floods = false;
  const auto found = controller_->find_listeners(call);
  // Each question takes 5 ms and there are 31; how many were asked in time does not matter.
  ASSERT_TRUE(found.has_value() || found.status() == Status::error_tmo);
  EXPECT_LT(model_->take_lines().size(), 2 * 31U + 3U);
}

TEST_F(Ar488ControllerTest, AsksTheAdapterForItsOwnSearch) {
  model_->listeners = "5,12 , 31,x9\r\n";  // with what some builds print around the numbers
  Call call(soon());
  const auto found = controller_->find_listeners(call);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, (Found{{5}, {12}, {9}}));
  EXPECT_EQ(model_->take_lines(), (Lines{"++fndl all", "++ver"}));
  model_->listeners = "\r\n";
  EXPECT_TRUE(controller_->find_listeners(call)->empty());
}

TEST_F(Ar488ControllerTest, PollsWhereTheFirmwareHasNoSearch) {
  model_->listeners = "Unrecognized command\r\n";
  model_->polls = {{"7", 0}};
  Call call(soon());
  const auto found = controller_->find_listeners(call);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, Found{{7}});
}

TEST_F(PrologixControllerTest, SearchesWhereTheAdapterDoesNotTellOfRequests) {
  model_->says = {{"++srq", "Unrecognized command\r\n"}};
  model_->polls = {{"7", 0}};
  Call call(soon());
  const auto found = controller_->find_listeners(call);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, Found{{7}});
  EXPECT_TRUE(call.detail.empty()) << call.detail;
}

// A poll's answer that is no status byte is no device.
TEST_F(PrologixControllerTest, AnAddressThatAnswersWithWordsIsNoDevice) {
  model_->polls = {{"7", 0}};
  model_->says = {{"++spoll 9", "Unrecognized command\r\n"}};
  Call call(soon());
  EXPECT_EQ(*controller_->find_listeners(call), Found{{7}});
}

}  // namespace
}  // namespace visa::drivers::gpib
