// SPDX-License-Identifier: MIT
// RULE 3.4.2: a state that is not supported is refused. TERMCHAR 0x1FF is refused, not cut to 0xFF:
// every bit is checked before any is masked away.
#include "lib/model/attribute.h"

#include <algorithm>

namespace visa::model {
namespace {

constexpr std::uint64_t all_ones(unsigned bits) noexcept {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

}  // namespace

std::uint64_t narrow(const Attribute& attribute, ViAttrState raw) noexcept {
  const auto bits = static_cast<unsigned>(8 * size_of(attribute.type));
  const std::uint64_t value = raw;
  if (bits == 0 || bits == 64) return value;
  const std::uint64_t low = value & all_ones(bits);
  const bool sign = (low >> (bits - 1) & 1) != 0;
  const std::uint64_t extended = sign ? low | ~all_ones(bits) : low;
  if (is_signed(attribute.type)) {
    // A negative number arrives extended to 64 bits, or to 32 bits from a caller that takes
    // ViAttrState for ViUInt32, or not extended at all. A value in none of these forms is too large
    // for the type.
    const bool fits = value == extended || value == (extended & all_ones(32)) || value == low;
    return fits ? extended : value;
  }
  // C programs write -1 for "all bits" of a 32-bit value (VI_TMO_INFINITE); it arrives extended.
  return bits == 32 && sign && value == extended ? low : value;
}

Status check_range(const Attribute& attribute, std::uint64_t value) noexcept {
  const bool below = is_signed(attribute.type) ? static_cast<std::int64_t>(value) <
                                                     static_cast<std::int64_t>(attribute.low)
                                               : value < attribute.low;
  const bool above = is_signed(attribute.type) ? static_cast<std::int64_t>(value) >
                                                     static_cast<std::int64_t>(attribute.high)
                                               : value > attribute.high;
  if (below || above) return Status::error_nsup_attr_state;
  const auto& allowed = attribute.allowed;
  const bool taken =
      allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end();
  return taken ? Status::success : attribute.unsupported;
}

}  // namespace visa::model
