// SPDX-License-Identifier: MIT
#include "drivers/hislip/hislip_settings.h"

#include <gtest/gtest.h>

#include "drivers/hislip/hislip_driver.h"

namespace visa::drivers::hislip {
namespace {

TEST(HislipSettings, EveryKeyIsKnownAndItsRangeHolds) {
  Call call(Deadline::immediate());
  const auto settings = read_settings({{"keepalive_idle_s", std::int64_t{4}},
                                       {"encryption", std::string("Required")},
                                       {"credential", std::string("lab")}},
                                      call);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->keepalive_idle, 4);
  EXPECT_EQ(settings->encryption, Encryption::required);
  EXPECT_EQ(settings->credential, "lab");
  EXPECT_EQ(make_hislip_driver()->setting_keys().size(), 3u);
  const std::pair<std::string, spi::Setting> kWrong[] = {
      {"keepalive_idle_s", std::int64_t{0}}, {"keepalive_idle_s", std::string("x")},
      {"encryption", std::string("maybe")},  {"encryption", true},
      {"credential", std::int64_t{3}},
  };
  for (const auto& [key, wrong] : kWrong) {
    EXPECT_EQ(read_settings({{key, wrong}}, call).status(), Status::error_inv_setup);
    EXPECT_NE(call.detail.find(key), std::string::npos);
  }
}

TEST(HislipSettings, NothingIsEncryptedUnlessSomebodyWantsIt) {
  Call call(Deadline::immediate());
  const auto settings = read_settings({}, call);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->keepalive_idle, 60);
  EXPECT_EQ(settings->encryption, Encryption::automatic);
  EXPECT_EQ(settings->credential, "");
  EXPECT_EQ(read_settings({{"encryption", std::string("off")}}, call)->encryption, Encryption::off);
}

}  // namespace
}  // namespace visa::drivers::hislip
