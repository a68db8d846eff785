// SPDX-License-Identifier: MIT
// Reads settings of the configuration by key, type and range: the transport table of a resource, an
// [[interface]], a [finder.NAME]. Reports the first invalid value to the user. Lives on the stack
// of one call.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/call.h"
#include "lib/spi/settings.h"

namespace visa::drivers {

class SettingReader {
 public:
  SettingReader(const spi::Settings& settings, Call& call) : settings_(settings), call_(call) {}

  /// Each leaves `value` unchanged if the key is missing or its value invalid.
  void number(std::string_view key, std::int64_t low, std::int64_t high, int& value);
  void flag(std::string_view key, bool& value);
  void text(std::string_view key, std::string& value);
  /// One of `choices`, in any case; sets `value` to its index.
  void choice(std::string_view key, std::span<const std::string_view> choices, int& value);
  /// Milliseconds for a key that ends in "_ms", seconds (whole or with a fraction) for "_s".
  void duration(std::string_view key, std::chrono::milliseconds low, std::chrono::milliseconds high,
                std::chrono::milliseconds& value);

  /// error_inv_setup, with key, range, file and line in the detail, after an invalid value.
  Status status() const noexcept { return status_; }

 private:
  template <class T>
  const T* find(std::string_view key, const std::string& wanted);
  void refuse(std::string_view key, const std::string& wanted);

  const spi::Settings& settings_;
  Call& call_;
  Status status_ = Status::success;
};

}  // namespace visa::drivers
