// SPDX-License-Identifier: MIT
#include "drivers/usb/usb_quirks.h"

#include <gtest/gtest.h>

#include "drivers/usb/usb_settings.h"

namespace visa::test {
namespace {

using namespace drivers::usb;

TEST(UsbQuirks, RowsHaveASourceAndAnEffectAndDoNotOverlap) {
  const auto rows = quirk_rows();
  for (const auto& row : rows) {
    EXPECT_FALSE(row.source.empty());
    EXPECT_FALSE(row.quirks == Quirks{});
    EXPECT_LE(row.first_product, row.last_product);
    EXPECT_EQ(quirks_of(row.vendor, row.first_product), row.quirks);
    EXPECT_EQ(quirks_of(row.vendor, row.last_product), row.quirks);
  }
}

TEST(UsbQuirks, OtherInstrumentsHaveNone) {
  EXPECT_EQ(quirks_of(0x0957, 0x1796), Quirks{});
  EXPECT_EQ(quirks_of(0x1AB1, 0x04CF), Quirks{});
}

// Pain 8: an instrument that freezes on remote control.
TEST(UsbQuirks, SiglentGeneratorGetsNoOptionalRequest) {
  EXPECT_TRUE(quirks_of(0xF4EC, 0x1102).no_optional_requests);
}

TEST(UsbSettings, OverruleTheTable) {
  spi::Settings settings;
  settings["max_request"] = spi::Setting(std::int64_t{100});
  settings["no_short_packet"] = spi::Setting(false);
  settings["no_abort"] = spi::Setting(true);
  Call call(Deadline::infinite());
  const auto quirks = read_quirks(quirks_of(0x1AB1, 0x04CE), settings, call);
  ASSERT_TRUE(quirks);
  EXPECT_EQ(quirks->most_requested, 100U);
  EXPECT_FALSE(quirks->no_short_packet);
  EXPECT_TRUE(quirks->block_length);
  EXPECT_TRUE(quirks->no_abort);
}

TEST(UsbSettings, WrongValuesAreRefused) {
  for (const auto& [key, value] : spi::Settings{{"max_request", spi::Setting(std::int64_t{0})},
                                                {"no_abort", spi::Setting(std::int64_t{1})}}) {
    Call call(Deadline::infinite());
    EXPECT_EQ(read_quirks({}, {{key, value}}, call).status(), Status::error_inv_setup);
    EXPECT_NE(call.detail.find(key), std::string::npos);
  }
  EXPECT_EQ(quirk_keys().size(), 8U);
}

}  // namespace
}  // namespace visa::test
