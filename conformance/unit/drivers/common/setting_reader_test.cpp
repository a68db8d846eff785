// SPDX-License-Identifier: MIT
#include "drivers/common/setting_reader.h"

#include <gtest/gtest.h>

namespace visa::test {
namespace {

TEST(SettingReader, TakesWhatFitsAndTellsWhatDoesNot) {
  const spi::TransportSettings settings{
      {"port", std::int64_t{17}}, {"wrong", 1.5}, {"flag", true}, {"no_flag", std::int64_t{1}}};
  Call call(Deadline::infinite());
  int number = 5;
  bool flag = false;
  drivers::SettingReader reader(settings, call);
  reader.number("missing", 0, 10, number);
  EXPECT_EQ(number, 5);
  reader.number("port", 0, 20, number);
  EXPECT_EQ(number, 17);
  reader.flag("flag", flag);
  EXPECT_TRUE(flag);
  EXPECT_EQ(reader.status(), Status::success);
  reader.number("port", 0, 16, number);
  EXPECT_EQ(reader.status(), Status::error_inv_setup);
  EXPECT_NE(call.detail.find("port: a number from 0 to 16"), std::string::npos);
  reader.number("wrong", 0, 16, number);
  EXPECT_NE(call.detail.find("wrong"), std::string::npos);
  reader.flag("no_flag", flag);
  EXPECT_NE(call.detail.find("no_flag: true or false"), std::string::npos);
}

}  // namespace
}  // namespace visa::test
