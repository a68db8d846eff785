// SPDX-License-Identifier: MIT
// Both channels answer every attribute of their kind whose home is the driver, and no other.
#include "drivers/usb/tmc_channel.h"

#include <gtest/gtest.h>

#include <set>

#include "drivers/usb/raw_channel.h"
#include "lib/model/attribute_table.h"

namespace visa::test {
namespace {

template <class Channel>
void expect_bound(model::Kind kind) {
  std::set<ViAttr> wanted;
  for (const auto& row : model::attribute_table()) {
    if (row.kinds.contains(kind) && row.home == model::Home::driver) wanted.insert(row.id);
  }
  std::set<ViAttr> bound;
  for (const auto& binding : Channel::bindings()) {
    EXPECT_TRUE(bound.insert(binding.id).second);
    const auto* row = model::find_attribute(binding.id, kind);
    ASSERT_NE(row, nullptr) << std::hex << binding.id;
    EXPECT_EQ(binding.set != nullptr, model::writable(*row)) << std::hex << binding.id;
  }
  EXPECT_EQ(bound, wanted);
}

TEST(TmcChannel, BindsTheAttributesOfTheTable) {
  expect_bound<drivers::usb::TmcChannel>(model::Kind::usb_instr);
}

TEST(RawChannel, BindsTheAttributesOfTheTable) {
  expect_bound<drivers::usb::RawChannel>(model::Kind::usb_raw);
}

}  // namespace
}  // namespace visa::test
