// SPDX-License-Identifier: MIT
// docs/configuration.md has every key that the library, its drivers and its finders understand.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/credential_reader.h"
#include "lib/config/library_settings.h"
#include "lib/spi/builtin.h"
#include "spec_dir.h"

namespace visa {
namespace {

/// The first two cells of each row, as "section key".
std::vector<std::string> rows() {
  std::ifstream page(FREEVISA_SPEC_DIR "/../../docs/configuration.md");
  std::vector<std::string> found;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| ")) continue;
    const auto first = line.find(" | ");
    const auto second = first == std::string::npos ? first : line.find(" | ", first + 3);
    if (second == std::string::npos) continue;
    found.push_back(line.substr(2, first - 2) + " " + line.substr(first + 3, second - first - 3));
  }
  return found;
}

class ConfigurationPage : public testing::Test {
 protected:
  void expect(const std::string& section, std::string_view key) const {
    const std::string row = section + " `" + std::string(key) + "`";
    EXPECT_EQ(std::count(rows_.begin(), rows_.end(), row), 1) << row;
  }
  const std::vector<std::string> rows_ = rows();
};

TEST_F(ConfigurationPage, HasEverySettingOfTheLibrary) {
  for (const auto key : config::library_setting_keys()) expect("`[settings]`", key);
  for (const auto key : config::credential_keys()) expect("`[[credential]]`", key);
  for (const auto key : {"connect_timeout_ms", "message_end"}) expect("driver", key);
}

TEST_F(ConfigurationPage, HasEverySettingOfEveryDriver) {
  for (const auto& driver : spi::make_builtin_drivers()) {
    if (driver->name() == "example") continue;  // no release contains it
    for (const auto key : driver->setting_keys()) expect("driver", key);
  }
}

TEST_F(ConfigurationPage, HasEverySettingOfEveryFinder) {
  for (const auto& finder : spi::make_builtin_finders()) {
    for (const auto key : finder->setting_keys()) {
      expect("`[finder." + std::string(finder->name()) + "]`", key);
    }
  }
}

}  // namespace
}  // namespace visa
