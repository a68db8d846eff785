// SPDX-License-Identifier: MIT
#include "drivers/socket/socket_settings.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace visa::test {
namespace {

using drivers::read_socket_settings;
using drivers::SocketSettings;

TEST(SocketSettings, EveryKeyIsRead) {
  Call call(Deadline::immediate());
  const auto settings = read_socket_settings({{"keepalive_idle_s", std::int64_t{30}},
                                              {"drain_before_write", true},
                                              {"close_ends_answer", true},
                                              {"receive_buffer", std::int64_t{40000}},
                                              {"send_buffer", std::int64_t{50000}}},
                                             call);
  ASSERT_TRUE(settings) << call.detail;
  EXPECT_EQ(settings->keepalive_idle, 30);
  EXPECT_TRUE(settings->drain_before_write);
  EXPECT_TRUE(settings->close_ends_answer);
  EXPECT_EQ(settings->receive_buffer, 40000);
  EXPECT_EQ(settings->send_buffer, 50000);
  EXPECT_EQ(SocketSettings::keys().size(), 5u);
}

TEST(SocketSettings, WithoutAnyTheSystemDecides) {
  Call call(Deadline::immediate());
  const auto settings = read_socket_settings({}, call);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->keepalive_idle, 0);
  EXPECT_FALSE(settings->drain_before_write);
  EXPECT_FALSE(settings->close_ends_answer);
  EXPECT_EQ(settings->receive_buffer, 0);
  EXPECT_EQ(settings->send_buffer, 0);
}

TEST(SocketSettings, TheEndsOfEachRangeBelongToIt) {
  const std::pair<const char*, std::pair<std::int64_t, std::int64_t>> kRanges[] = {
      {"keepalive_idle_s", {1, 32767}},
      {"receive_buffer", {1024, 1 << 30}},
      {"send_buffer", {1024, 1 << 30}}};
  for (const auto& [key, range] : kRanges) {
    for (const std::int64_t good : {range.first, range.second}) {
      Call call(Deadline::immediate());
      EXPECT_TRUE(read_socket_settings({{key, good}}, call)) << key << " " << good;
    }
    for (const std::int64_t bad : {range.first - 1, range.second + 1}) {
      Call call(Deadline::immediate());
      EXPECT_EQ(read_socket_settings({{key, bad}}, call).status(), Status::error_inv_setup);
      EXPECT_NE(call.detail.find(key), std::string::npos) << call.detail;
    }
  }
}

}  // namespace
}  // namespace visa::test
