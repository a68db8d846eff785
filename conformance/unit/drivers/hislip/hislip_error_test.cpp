// SPDX-License-Identifier: MIT
// What the errors of an instrument become: the sheet's statuses, and texts that name the meaning.
#include "drivers/hislip/hislip_error.h"

#include <gtest/gtest.h>

namespace visa::drivers::hislip {
namespace {

Header error(std::uint8_t code) {
  return {MessageType::error, code};
}
Header fatal(std::uint8_t code) {
  return {MessageType::fatal_error, code};
}

TEST(HislipError, ViOpenFindsNothingUnlessSecurityIsTheReason) {
  for (int code = 0; code < 256; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    const Status wanted = code == 5 ? Status::error_npermission : Status::error_rsrc_nfound;
    EXPECT_EQ(open_status(fatal(byte)), wanted) << code;
    EXPECT_EQ(open_status(error(byte)), wanted) << code;
  }
}

TEST(HislipError, OnlyUnknownMessagesAndCodesMeanNotSupported) {
  for (int code = 0; code < 256; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    EXPECT_EQ(not_supported(error(byte)), code >= 1 && code <= 3) << code;
    EXPECT_FALSE(not_supported(fatal(byte))) << code;
  }
}

TEST(HislipError, TextsNameCodeMeaningAndWhatTheInstrumentSays) {
  EXPECT_EQ(describe(error(4), ""), "the instrument answered Error 4: a message that is too large");
  EXPECT_EQ(describe(fatal(4), "sorry"),
            "the instrument ended the session, FatalError 4: too many clients (\"sorry\")");
  EXPECT_NE(describe(fatal(200), "").find("an error of its maker"), std::string::npos);
  EXPECT_NE(describe(error(100), "").find("unidentified"), std::string::npos);
  EXPECT_NE(describe(error(0), "a\x01\xFF\n").find("(\"a???\")"), std::string::npos) << "ASCII";
}

}  // namespace
}  // namespace visa::drivers::hislip
