// SPDX-License-Identifier: MIT
// Takes the transport settings of a resource by key, type and range. The first that cannot be meant
// is told to the user. On the stack of one open.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/call.h"
#include "lib/spi/driver.h"

namespace visa::drivers {

class SettingReader {
 public:
  SettingReader(const spi::TransportSettings& settings, Call& call)
      : settings_(settings), call_(call) {}

  /// Leaves `value` alone where the key is missing or wrong.
  void number(std::string_view key, std::int64_t low, std::int64_t high, int& value);
  void flag(std::string_view key, bool& value);

  /// error_inv_setup, and a detail with key and range, once a value could not be meant.
  Status status() const noexcept { return status_; }

 private:
  void refuse(std::string_view key, const std::string& wanted);

  const spi::TransportSettings& settings_;
  Call& call_;
  Status status_ = Status::success;
};

}  // namespace visa::drivers
