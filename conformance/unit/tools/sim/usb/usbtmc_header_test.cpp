// SPDX-License-Identifier: MIT
// Headers byte by byte: what each MsgID has, and each thing that is wrong.
#include "tools/sim/usb/usbtmc_header.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::sim {
namespace {

std::string bytes(std::initializer_list<int> list) {
  std::string result;
  for (const int one : list) result += static_cast<char>(one);
  return result;
}

UsbtmcHeader good(const std::string& text) {
  const auto parsed = parse_usbtmc_header(text);
  EXPECT_TRUE(std::holds_alternative<UsbtmcHeader>(parsed));
  return std::get<UsbtmcHeader>(parsed);
}

UsbtmcMistake mistake(const std::string& text) {
  const auto parsed = parse_usbtmc_header(text);
  EXPECT_TRUE(std::holds_alternative<UsbtmcMistake>(parsed));
  return std::get<UsbtmcMistake>(parsed);
}

TEST(UsbtmcHeader, EachMessageHasItsFields) {
  const UsbtmcHeader out = good(bytes({1, 7, 0xF8, 0, 0x78, 0x56, 0x34, 0x12, 1, 0, 0, 0}));
  EXPECT_EQ(out.id, UsbtmcId::dev_dep_msg_out);
  EXPECT_EQ(out.tag, 7);
  EXPECT_EQ(out.size, 0x12345678U);
  EXPECT_TRUE(out.end_of_message());
  EXPECT_TRUE(out.has_data());
  EXPECT_TRUE(out.reserved_is_zero);
  const UsbtmcHeader in = good(bytes({2, 255, 0, 0, 1, 0, 0, 0, 2, 10, 0, 0}));
  EXPECT_TRUE(in.termchar_enabled());
  EXPECT_EQ(in.termchar, 10);
  EXPECT_FALSE(in.has_data());
  EXPECT_TRUE(in.reserved_is_zero);
  EXPECT_EQ(good(bytes({126, 1, 254, 0, 1, 0, 0, 0, 0, 0, 0, 0})).id,
            UsbtmcId::vendor_specific_out);
  EXPECT_EQ(good(bytes({127, 1, 254, 0, 1, 0, 0, 0, 0, 0, 0, 0})).id, UsbtmcId::vendor_specific_in);
  EXPECT_TRUE(good(bytes({128, 1, 254, 0, 0, 0, 0, 0, 0, 0, 0, 0})).reserved_is_zero);
}

TEST(UsbtmcHeader, BitsWithoutAMeaningAreNoted) {
  EXPECT_FALSE(good(bytes({1, 1, 254, 9, 1, 0, 0, 0, 1, 0, 0, 0})).reserved_is_zero);
  EXPECT_FALSE(good(bytes({1, 1, 254, 0, 1, 0, 0, 0, 2, 0, 0, 0})).reserved_is_zero);
  EXPECT_FALSE(good(bytes({1, 1, 254, 0, 1, 0, 0, 0, 0, 5, 0, 0})).reserved_is_zero);
  EXPECT_FALSE(good(bytes({2, 1, 254, 0, 1, 0, 0, 0, 1, 0, 0, 0})).reserved_is_zero);
  EXPECT_FALSE(good(bytes({2, 1, 254, 0, 1, 0, 0, 0, 0, 0, 0, 7})).reserved_is_zero);
  EXPECT_FALSE(good(bytes({128, 1, 254, 0, 1, 0, 0, 0, 0, 0, 0, 0})).reserved_is_zero);
}

TEST(UsbtmcHeader, MistakesAreTold) {
  EXPECT_EQ(mistake(""), UsbtmcMistake::too_short);
  EXPECT_EQ(mistake(std::string(11, '\1')), UsbtmcMistake::too_short);
  EXPECT_EQ(mistake(bytes({1, 0, 255, 0, 1, 0, 0, 0, 0, 0, 0, 0})), UsbtmcMistake::tag);
  EXPECT_EQ(mistake(bytes({1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0})), UsbtmcMistake::tag);
  EXPECT_EQ(mistake(bytes({3, 1, 254, 0, 1, 0, 0, 0, 0, 0, 0, 0})), UsbtmcMistake::message_id);
  EXPECT_EQ(mistake(bytes({2, 1, 254, 0, 0, 0, 0, 0, 0, 0, 0, 0})), UsbtmcMistake::size);
  EXPECT_EQ(good(bytes({1, 1, 254, 0, 0, 0, 0, 0, 0, 0, 0, 0})).size, 0U) << "the device decides";
  for (const auto one : {UsbtmcMistake::too_short, UsbtmcMistake::tag, UsbtmcMistake::message_id,
                         UsbtmcMistake::size}) {
    EXPECT_FALSE(usbtmc_text(one).empty());
  }
}

TEST(UsbtmcHeader, AnswersAreWrittenAsTheyAreRead) {
  const std::string text = usbtmc_header_bytes(2, 200, 0x01020304, 1);
  EXPECT_EQ(text, bytes({2, 200, 55, 0, 4, 3, 2, 1, 1, 0, 0, 0}));
  EXPECT_EQ(usbtmc_padding(0), 0U);
  EXPECT_EQ(usbtmc_padding(5), 3U);
  EXPECT_EQ(usbtmc_padding(8), 0U);
  EXPECT_EQ(usbtmc_padding(0xFFFFFFFF), 1U);
}

TEST(UsbtmcHeader, OperationsAreFoundByNameAndByNumber) {
  EXPECT_EQ(find_usbtmc_operation("dev_dep_msg_in"), &kUsbtmcAnswer);
  EXPECT_EQ(find_usbtmc_operation("interrupt_in"), &kUsbtmcInterrupt);
  EXPECT_EQ(find_usbtmc_operation("usbtmc_trigger"), usbtmc_operation(UsbtmcId::trigger));
  EXPECT_EQ(find_usbtmc_operation("local_lockout"), usbtmc_operation(UsbtmcRequest::local_lockout));
  EXPECT_EQ(find_usbtmc_operation("device_read"), nullptr);
  EXPECT_EQ(usbtmc_operation(static_cast<UsbtmcRequest>(9)), nullptr);
  EXPECT_TRUE(usbtmc_operation(UsbtmcRequest::get_capabilities)->only_by_name);
}

}  // namespace
}  // namespace visa::sim
