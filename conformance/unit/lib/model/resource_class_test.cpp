// SPDX-License-Identifier: MIT
// The words for interfaces, classes and kinds.
#include "lib/model/resource_class.h"

#include <gtest/gtest.h>
#include <visa.h>

#include <set>
#include <string_view>

namespace visa::model {
namespace {

TEST(ResourceClass, InterfaceNumbersAreThoseOfTheHeader) {
  EXPECT_EQ(static_cast<int>(Interface::gpib), VI_INTF_GPIB);
  EXPECT_EQ(static_cast<int>(Interface::vxi), VI_INTF_VXI);
  EXPECT_EQ(static_cast<int>(Interface::gpib_vxi), VI_INTF_GPIB_VXI);
  EXPECT_EQ(static_cast<int>(Interface::asrl), VI_INTF_ASRL);
  EXPECT_EQ(static_cast<int>(Interface::pxi), VI_INTF_PXI);
  EXPECT_EQ(static_cast<int>(Interface::tcpip), VI_INTF_TCPIP);
  EXPECT_EQ(static_cast<int>(Interface::usb), VI_INTF_USB);
  EXPECT_EQ(static_cast<int>(Interface::firewire), VI_INTF_FIREWIRE);
}

TEST(ResourceClass, KeywordsAreInCapitals) {
  EXPECT_EQ(keyword(Interface::gpib_vxi), "GPIB-VXI");
  EXPECT_EQ(keyword(Interface::none), "");
  EXPECT_EQ(keyword(ResourceClass::backplane), "BACKPLANE");
  EXPECT_EQ(keyword(ResourceClass::none), "");
}

TEST(ResourceClass, EveryKindHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (unsigned i = 0; i < kKindCount; ++i) {
    EXPECT_TRUE(names.insert(name(static_cast<Kind>(i))).second);
  }
  EXPECT_EQ(name(Kind::resource_manager), "resource manager");
  EXPECT_EQ(name(Kind::find_list), "find list");
  EXPECT_EQ(name(Kind::event_asrl), "event ASRL");
  EXPECT_EQ(name(Kind::count), "none");
}

TEST(ResourceClass, SetsOfKindsAreDisjointAndComplete) {
  EXPECT_FALSE(kIoKinds.intersects(kEventKinds));
  EXPECT_FALSE(kIoKinds.contains(Kind::resource_manager));
  EXPECT_FALSE(kIoKinds.contains(Kind::find_list));
  EXPECT_TRUE(kIoKinds.contains(Kind::asrl_instr));
  EXPECT_TRUE(kIoKinds.contains(Kind::firewire_instr));
  EXPECT_TRUE(kEventKinds.contains(Kind::event_io_completion));
  EXPECT_TRUE(kEventKinds.contains(Kind::event_asrl));
  EXPECT_FALSE(kEventKinds.contains(Kind::find_list));
  EXPECT_TRUE((KindSet(Kind::usb_raw) - Kind::usb_raw).empty());
}

}  // namespace
}  // namespace visa::model
