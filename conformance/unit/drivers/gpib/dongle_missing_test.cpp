// SPDX-License-Identifier: MIT
// What a FreeVISA without libusb says of GPIB adapters at USB. The source is compiled here under
// another name, because a build with libusb has the real back end.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "drivers/gpib/back_end.h"

#define kBackEnd kMissingBackEnd
#include "drivers/gpib/dongle_missing.cpp"  // NOLINT(bugprone-suspicious-include)
#undef kBackEnd

namespace visa::drivers::gpib {
namespace {

/// One board by the table of a build without libusb, as GpibDriver opens it.
Status opens(const std::string& adapter, Call& call) {
  static const BackEnd* const kTable[] = {&dongle::kMissingBackEnd};
  spi::Settings settings;
  if (!adapter.empty()) settings[std::string(kAdapter)] = adapter;
  const auto board = choose_board(3, settings, nullptr, kTable, call);
  if (!board) return board.status();
  const auto identity = board->back_end->identify(board->request, call);
  EXPECT_TRUE(failed(identity.status()));
  const auto opened = board->back_end->open(board->request, call);
  EXPECT_EQ(opened.status(), identity.status());
  return opened.status();
}

TEST(DongleMissingTest, AConfiguredAdapterIsToldWhatIsMissing) {
  for (const std::string adapter : {"usb://01AB23CD", "usb://"}) {
    Call call(Deadline::immediate());
    EXPECT_EQ(opens(adapter, call), Status::error_library_nfound);
    EXPECT_NE(call.detail.find("GPIB3: adapter = \"" + adapter + "\""), std::string::npos)
        << call.detail;
    EXPECT_NE(call.detail.find("libusb-1.0"), std::string::npos);
  }
}

TEST(DongleMissingTest, ABoardWithoutASettingIsNone) {
  EXPECT_TRUE(boards_of(dongle::kMissingBackEnd, nullptr).empty());
  Call call(Deadline::immediate());
  EXPECT_EQ(opens("", call), Status::error_intf_num_nconfig);
}

// Else the setting would be reported as one that means nothing.
TEST(DongleMissingTest, KnowsTheSettingsOfTheRealOne) {
  const auto keys = dongle::kMissingBackEnd.keys;
  EXPECT_EQ(std::vector(keys.begin(), keys.end()), std::vector<std::string_view>{"firmware"});
}

}  // namespace
}  // namespace visa::drivers::gpib
