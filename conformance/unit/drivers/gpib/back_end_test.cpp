// SPDX-License-Identifier: MIT
// Which back end a board means.
#include "drivers/gpib/back_end.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::drivers::gpib {
namespace {

Result<std::string> no_identity(const BoardRequest&, Call&) {
  return std::string();
}
Result<std::unique_ptr<Controller>> no_controller(const BoardRequest&, Call&) {
  return Status::error_rsrc_nfound;
}

const BackEnd kNetwork{"network", {}, no_identity, no_controller, nullptr};
const BackEnd kLocal{
    "local", {}, no_identity, no_controller, [](const spi::BoardSettings& configured) {
      return configured.empty() ? std::vector<std::uint16_t>{0, 3} : std::vector<std::uint16_t>{1};
    }};
const BackEnd* const kTable[] = {&kNetwork, &kLocal};

class BackEndTest : public testing::Test {
 protected:
  Result<Board> choose(std::uint16_t number, const std::string& adapter) {
    settings_.clear();
    if (!adapter.empty()) {
      settings_[std::string(kAdapter)] = adapter;
      settings_[std::string(kAdapter)].origin = "file:3";
    }
    return choose_board(number, settings_, configured_, kTable, call_);
  }
  spi::Settings settings_;
  const spi::BoardSettings* configured_ = nullptr;
  Call call_{Deadline::immediate()};
};

TEST_F(BackEndTest, TakesTheSchemeOfTheSetting) {
  const auto board = choose(7, "network://host:1234");
  ASSERT_TRUE(board.has_value());
  EXPECT_EQ(board->back_end, &kNetwork);
  EXPECT_EQ(board->request.target, "host:1234");
  EXPECT_EQ(board->request.number, 7);
}

TEST_F(BackEndTest, TakesABoardOfThisComputer) {
  const auto board = choose(3, "");
  ASSERT_TRUE(board.has_value());
  EXPECT_EQ(board->back_end, &kLocal);
  EXPECT_EQ(board->request.target, "");
}

TEST_F(BackEndTest, TellsItsBackEndWhatTheConfigurationHas) {
  const spi::BoardSettings configured{{0, {}}};
  configured_ = &configured;
  EXPECT_FALSE(choose(0, "").has_value());
  const auto board = choose(1, "");
  ASSERT_TRUE(board.has_value());
  EXPECT_EQ(board->request.configured, &configured);
}

TEST_F(BackEndTest, ExplainsABoardThatIsNotThere) {
  EXPECT_EQ(choose(1, "").status(), Status::error_intf_num_nconfig);
  EXPECT_NE(call_.detail.find("GPIB1"), std::string::npos);
  EXPECT_NE(call_.detail.find("network://, local://"), std::string::npos);
}

TEST_F(BackEndTest, RefusesAnUnknownScheme) {
  for (const std::string adapter : {"serial://x", "network", "", "://x", "network:/x"}) {
    if (adapter.empty()) continue;
    EXPECT_EQ(choose(0, adapter).status(), Status::error_inv_setup) << adapter;
    EXPECT_NE(call_.detail.find("file:3"), std::string::npos);
  }
}

TEST_F(BackEndTest, RefusesASettingOfAnotherType) {
  settings_[std::string(kAdapter)] = std::int64_t{5};
  EXPECT_EQ(choose_board(0, settings_, nullptr, kTable, call_).status(), Status::error_inv_setup);
}

}  // namespace
}  // namespace visa::drivers::gpib
