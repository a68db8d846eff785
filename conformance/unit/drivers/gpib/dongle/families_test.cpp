// SPDX-License-Identifier: MIT
// The table of families: no id twice, and what each stage must have.
#include "drivers/gpib/dongle/families.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace visa::drivers::gpib::dongle {
namespace {

TEST(FamiliesTest, NoDeviceHasTwoModels) {
  std::set<std::tuple<std::uint16_t, std::uint16_t, int>> seen;
  for (const Family* family : families()) {
    for (const Model& model : family->models) {
      const int interface_class = model.interface_class ? *model.interface_class : -1;
      EXPECT_TRUE(seen.insert({model.vendor, model.product, interface_class}).second)
          << std::hex << model.product;
    }
  }
}

TEST(FamiliesTest, EachStageHasWhatItNeeds) {
  for (const Family* family : families()) {
    EXPECT_FALSE(family->name.empty());
    EXPECT_NE(family->open, nullptr);
    for (const Model& model : family->models) {
      EXPECT_FALSE(model.name.empty());
      EXPECT_EQ(model.stage == Stage::refused, !model.advice.empty()) << model.name;
      if (model.stage != Stage::ready) continue;
      EXPECT_EQ(model.bulk_out & 0x80, 0) << model.name;
      EXPECT_NE(model.bulk_in & 0x80, 0) << model.name;
      EXPECT_NE(model.interrupt_in & 0x80, 0) << model.name;
    }
  }
}

}  // namespace
}  // namespace visa::drivers::gpib::dongle
