// SPDX-License-Identifier: MIT
// Finding out what an adapter is: one that starts, is slow, never stops, or is not there.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "conformance/unit/drivers/support/adapter_model.h"
#include "drivers/gpib/prologix_link.h"

namespace visa::drivers::gpib {
namespace {

TEST(PrologixOpenTest, AsksTheAdapterWhatItIs) {
  auto made = std::make_unique<AdapterModel>();
  AdapterModel& model = *made;
  Call call(Deadline::after(std::chrono::seconds(2)));
  const auto link = PrologixLink::open(std::move(made), false, call);
  ASSERT_TRUE(link.has_value());
  EXPECT_EQ((*link)->name(), "Prologix at model");
  const auto lines = model.take_lines();
  EXPECT_EQ(lines.front(), "++ver");
  EXPECT_EQ(lines[1], "++savecfg 0");
  EXPECT_EQ(lines.back(), "++ver");
}

// A board that starts when it is opened prints a banner, and its first answer may be cut.
TEST(PrologixOpenTest, AsksAgainWhereTheAdapterMayJustStart) {
  auto made = std::make_unique<AdapterModel>();
  made->version = "AR488 GPIB controller, ver. 0.53\r\n";
  made->incoming = "AR488 starting\r\nready\r\n";
  Call call(Deadline::after(std::chrono::seconds(2)));
  const auto link = PrologixLink::open(std::move(made), true, call);
  ASSERT_TRUE(link.has_value());
  EXPECT_EQ((*link)->dialect().kind, AdapterKind::ar488);
}

// The answers to both questions come after the second.
TEST(PrologixOpenTest, WaitsForTheAnswersToAllItsQuestions) {
  auto made = std::make_unique<AdapterModel>();
  AdapterModel& model = *made;
  model.held = true;
  model.held_sends = 2;
  model.piece = model.version.size();
  Call call(Deadline::after(std::chrono::seconds(2)));
  const auto link = PrologixLink::open(std::move(made), false, call);
  ASSERT_TRUE(link.has_value());
  const auto reply = (*link)->ask("++srq\n", call);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(*reply, "0\r\n");
}

TEST(PrologixOpenTest, SwitchesCommentsOffAndNeverOn) {
  for (const bool verbose : {false, true}) {
    for (const char* const refused : {"", "Unrecognized command\r\n"}) {
      auto made = std::make_unique<AdapterModel>();
      AdapterModel& model = *made;
      model.version = "AR488 GPIB controller, ver. 0.53\r\n";
      model.verbose = verbose;
      if (*refused != '\0') model.says["++srqauto 0"] = refused;
      Call call(Deadline::after(std::chrono::seconds(2)));
      const auto link = PrologixLink::open(std::move(made), false, call);
      ASSERT_TRUE(link.has_value());
      EXPECT_FALSE(model.verbose) << refused;
      EXPECT_EQ(*(*link)->ask("++srq\n", call), "0\r\n");
    }
  }
}

// Only an AR488 has that command.
TEST(PrologixOpenTest, PassesOverWhatASettingIsAnswered) {
  auto made = std::make_unique<AdapterModel>();
  AdapterModel& model = *made;
  model.says["++eot_enable 1"] = "Unrecognized command\r\n";
  Call call(Deadline::after(std::chrono::seconds(2)));
  const auto link = PrologixLink::open(std::move(made), false, call);
  ASSERT_TRUE(link.has_value());
  const auto lines = model.take_lines();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "++verbose"), 0);
  EXPECT_EQ(*(*link)->ask("++srq\n", call), "0\r\n");
}

TEST(PrologixOpenTest, AnAdapterThatNeverStopsCostsTheTimeout) {
  for (const bool resets : {false, true}) {
    auto made = std::make_unique<AdapterModel>();
    made->floods = true;
    Call call(Deadline::after(std::chrono::milliseconds(5)));
    EXPECT_EQ(PrologixLink::open(std::move(made), resets, call).status(), Status::error_tmo);
  }
}

TEST(PrologixOpenTest, SaysThatNothingAnswers) {
  auto made = std::make_unique<AdapterModel>();
  made->version = "";
  Call call(Deadline::after(std::chrono::milliseconds(20)));
  EXPECT_EQ(PrologixLink::open(std::move(made), false, call).status(), Status::error_tmo);
  EXPECT_NE(call.detail.find("++ver"), std::string::npos);
}

}  // namespace
}  // namespace visa::drivers::gpib
