// SPDX-License-Identifier: MIT
#include "drivers/vxi11/vxi11_settings.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/open_vxi11.h"

namespace visa::test {
namespace {

TEST(Vxi11Settings, WhatCannotBeMeantIsRefusedByName) {
  const std::pair<const char*, spi::Setting> kWrong[] = {
      {"core_port", std::int64_t{0}},        {"core_port", std::int64_t{65536}},
      {"abort_port", std::string("x")},      {"portmapper_port", std::int64_t{-1}},
      {"keepalive_idle_s", std::int64_t{0}}, {"interrupt_acknowledge", std::int64_t{1}}};
  for (const auto& [key, value] : kWrong) {
    Call call(Deadline::after(kLong));
    EXPECT_EQ(drivers::vxi11::read_settings({{key, value}}, call).status(),
              Status::error_inv_setup);
    EXPECT_NE(call.detail.find(key), std::string::npos);
  }
}

TEST(Vxi11Settings, EveryKeyIsKnown) {
  Call call(Deadline::after(kLong));
  const auto settings = drivers::vxi11::read_settings({{"core_port", std::int64_t{1}},
                                                       {"abort_port", std::int64_t{2}},
                                                       {"portmapper_port", std::int64_t{3}},
                                                       {"keepalive_idle_s", std::int64_t{4}},
                                                       {"interrupt_acknowledge", true}},
                                                      call);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->core_port, 1);
  EXPECT_EQ(settings->abort_port, 2);
  EXPECT_EQ(settings->portmapper_port, 3);
  EXPECT_EQ(settings->keepalive_idle, 4);
  EXPECT_TRUE(settings->interrupt_acknowledge);
  EXPECT_EQ(drivers::make_vxi11_driver()->setting_keys().size(), 5u);
}

}  // namespace
}  // namespace visa::test
