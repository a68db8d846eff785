// SPDX-License-Identifier: MIT
// Which devices are found, by which requests, and what a search leaves alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/fake_enet.h"
#include "conformance/unit/support/patience.h"
#include "drivers/gpib/enet/enet_controller.h"

namespace visa::drivers::gpib::enet {
namespace {

using test::FakeEnet;
using test::kPatience;
using namespace std::chrono_literals;

/// A board with a session on address 5.
class EnetSearchTest : public testing::Test {
 protected:
  EnetSearchTest() {
    box.with([](FakeEnet& model) { model.instruments[5].status = 0x10; });
    EXPECT_EQ(board.attach({5}, call), Status::success) << call.detail;
    opening_ = box.diary().size();
  }
  ~EnetSearchTest() override {
    Call closing(Deadline::after(kPatience));
    board.close(closing);
  }
  std::vector<std::string> asked() {
    const auto all = box.diary();
    return {all.begin() + static_cast<std::ptrdiff_t>(opening_), all.end()};
  }

  FakeEnet box;
  EnetController board{{"127.0.0.1", box.port()}};
  Call call{Deadline::after(kPatience)};

 private:
  std::size_t opening_ = 0;
};

TEST_F(EnetSearchTest, FindsDevicesByPollsAlone) {
  box.with([](FakeEnet& model) {
    model.instruments[30].status = 0x11;
    model.instruments[9 + 256 * 0x62];  // has a secondary address
  });
  const auto found = board.find_listeners(call);
  ASSERT_TRUE(found.has_value()) << call.detail;
  EXPECT_EQ(*found, (std::vector<Address>{{5}, {30}}));
  const auto all = asked();
  EXPECT_EQ(std::count(all.begin(), all.end(), "19"), 30);
  EXPECT_EQ(std::count(all.begin(), all.end(), "07 02"), 30 + 1);  // and the beginning
  EXPECT_EQ(all.back(), "58 00");
  for (const std::string one : {"62", "04", "20", "10", "4F 49"}) {
    EXPECT_EQ(std::count(all.begin(), all.end(), one), 0) << one;
  }
  // The link of a session goes on as it was.
  EXPECT_EQ(*board.serial_poll({5}, call), 0x10);
  box.with([](FakeEnet& model) { EXPECT_EQ(model.connections, 2u); });
}

TEST_F(EnetSearchTest, ASearchLeavesARequestAlone) {
  box.with([](FakeEnet& model) { model.instruments[5].status = 0x50; });
  const auto found = board.find_listeners(call);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->empty());
  EXPECT_NE(call.detail.find("requests service"), std::string::npos) << call.detail;
  EXPECT_EQ(*board.serial_poll({5}, call), 0x50);
}

TEST_F(EnetSearchTest, ASearchThatABoxDoesNotAnswerEndsAtTheDeadline) {
  EXPECT_FALSE(*board.service_requested(call));
  box.with([](FakeEnet& model) { model.hangs = true; });
  Call brief(Deadline::after(20ms));
  EXPECT_EQ(board.find_listeners(brief).status(), Status::error_tmo);
  EXPECT_FALSE(brief.detail.empty());
  box.with([](FakeEnet& model) { model.hangs = false; });
  EXPECT_EQ(board.find_listeners(call)->size(), 1u) << call.detail;
}

TEST_F(EnetSearchTest, ASearchThatIsCutShortReturnsWhatItHas) {
  EXPECT_FALSE(*board.service_requested(call));
  box.with([](FakeEnet& model) {
    for (unsigned primary = 1; primary <= kMostAddress; ++primary) model.instruments[primary];
    model.replies_left = 30;  // to the questions before the search, and for some devices
  });
  const auto found = board.find_listeners(call);
  ASSERT_TRUE(found.has_value()) << call.detail;
  EXPECT_FALSE(found->empty());
  EXPECT_LT(found->size(), std::size_t{kMostAddress});
  EXPECT_FALSE(call.detail.empty());
  box.with([](FakeEnet& model) { model.replies_left = -1; });
  EXPECT_EQ(board.find_listeners(call)->size(), std::size_t{kMostAddress}) << call.detail;
}

// A box without a controller's rights answers each poll so.
TEST_F(EnetSearchTest, ASearchThatTheBoxRefusesSaysWhy) {
  box.with([](FakeEnet& model) { model.failure = {0x19, 0, 1}; });
  EXPECT_EQ(board.find_listeners(call).status(), Status::error_ncic);
  EXPECT_NE(call.detail.find("controller in charge"), std::string::npos) << call.detail;
}

}  // namespace
}  // namespace visa::drivers::gpib::enet
