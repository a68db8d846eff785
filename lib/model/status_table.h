// SPDX-License-Identifier: MIT
// The name and meaning of every status code, for viStatusDesc, traces and tests. Constant data: any
// thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lib/base/status.h"

namespace visa::model {

struct StatusInfo {
  Status status;
  std::string_view name;         // "VI_ERROR_TMO"
  std::string_view description;  // one sentence, ASCII, below 200 characters
};

/// All codes of VPP-4.3 and of NI's header, sorted by number.
std::span<const StatusInfo> status_table() noexcept;

/// The row of `code`; nullptr for a code the standard does not know (VI_WARN_UNKNOWN_STATUS).
const StatusInfo* find_status(std::int32_t code) noexcept;

inline const StatusInfo* find_status(Status status) noexcept {
  return find_status(code(status));
}

}  // namespace visa::model
