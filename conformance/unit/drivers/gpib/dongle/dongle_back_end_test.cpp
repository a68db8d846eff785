// SPDX-License-Identifier: MIT
// What the back end says where no dongle is plugged in, as on the computers that build this.
#include "drivers/gpib/dongle/dongle_back_end.h"

#include <gtest/gtest.h>

#include <string>

#include "drivers/gpib/dongle/dongle_list.h"

namespace visa::drivers::gpib::dongle {
namespace {

TEST(DongleBackEndTest, ExplainsADongleThatIsNotThere) {
  spi::Settings settings;
  settings[std::string(kAdapter)] = std::string("usb://no-such-serial");
  Call call(Deadline::immediate());
  const BoardRequest request{0, "no-such-serial", settings};
  EXPECT_EQ(kBackEnd.identify(request, call).status(), Status::error_rsrc_nfound);
  EXPECT_NE(call.detail.find("no-such-serial"), std::string::npos);
  EXPECT_EQ(kBackEnd.open(request, call).status(), Status::error_rsrc_nfound);
}

TEST(DongleBackEndTest, HasABoardForEachDongleWithoutAName) {
  EXPECT_EQ(kBackEnd.boards({}).size() <= plugged_dongles().size(), true);
}

}  // namespace
}  // namespace visa::drivers::gpib::dongle
