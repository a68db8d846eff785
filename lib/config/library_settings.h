// SPDX-License-Identifier: MIT
// The [settings] table: what the user set for the whole library. Two of its keys are the older
// spelling of keys of [finder.lan]. Pure: any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/config/problem_log.h"
#include "lib/spi/settings.h"

namespace visa::config {

/// What the library itself goes by.
struct Settings {
  /// How long viOpen may take to connect when its openTimeout is 0.
  std::int64_t connect_timeout_ms = 2000;

  /// How long viFindRsrc may take. With instruments on a network it takes that long, because
  /// an instrument may answer late.
  std::int64_t find_timeout_ms = 1000;

  /// How many bits `l` means for integers in the formats of viPrintf and viScanf: 32 or 64.
  std::int64_t formatted_long = 32;

  /// True: `L` means long double there; false: double, as real drivers have it.
  bool formatted_long_double = false;

  /// True: a signal that arrives while a synchronous call waits ends it with VI_ERROR_ABORT.
  bool abort_on_signal = false;
};

/// One key of [settings]: a number or a flag.
struct SettingEntry {
  std::int64_t Settings::*number = nullptr;
  bool Settings::*flag = nullptr;
  std::int64_t value = 0;

  void apply(Settings& settings) const {
    if (number != nullptr) settings.*number = value;
    if (flag != nullptr) settings.*flag = value != 0;
  }
};

struct SettingsTable {
  std::vector<SettingEntry> library;
  spi::Settings lan;  // lan_discovery and lan_cache_s, by their keys in [finder.lan]
};

/// `file` is for the origin of settings.
SettingsTable read_library_settings(const tomlio::Entry& section, std::string_view file,
                                    ProblemLog& problems);

/// Every key of the table, for messages and tests.
std::vector<std::string_view> library_setting_keys();

}  // namespace visa::config
