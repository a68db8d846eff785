// SPDX-License-Identifier: MIT
#include "drivers/hislip/hislip_settings.h"

#include <gtest/gtest.h>

#include "drivers/hislip/hislip_driver.h"

namespace visa::drivers::hislip {
namespace {

TEST(HislipSettings, EveryKeyIsKnownAndItsRangeHolds) {
  Call call(Deadline::immediate());
  const auto settings = read_settings({{"keepalive_idle_s", std::int64_t{4}}}, call);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->keepalive_idle, 4);
  EXPECT_EQ(read_settings({}, call)->keepalive_idle, 60);
  EXPECT_EQ(make_hislip_driver()->setting_keys().size(), 1u);
  for (const spi::Setting& wrong :
       {spi::Setting(std::int64_t{0}), spi::Setting(std::string("x"))}) {
    EXPECT_EQ(read_settings({{"keepalive_idle_s", wrong}}, call).status(), Status::error_inv_setup);
    EXPECT_NE(call.detail.find("keepalive_idle_s"), std::string::npos);
  }
}

}  // namespace
}  // namespace visa::drivers::hislip
