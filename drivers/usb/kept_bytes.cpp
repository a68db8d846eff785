// SPDX-License-Identifier: MIT
// The order of the reasons is that of RULES 6.1.1 to 6.1.3: END, termination character, count.
#include "drivers/usb/kept_bytes.h"

#include <algorithm>
#include <cstring>

namespace visa::drivers::usb {
namespace {

/// A buffer that one long answer needed is given back to the system.
constexpr std::size_t kMostIdle = std::size_t{1} << 20U;

}  // namespace

std::span<std::byte> KeptBytes::room(std::size_t size, std::size_t used) {
  if (buffer_.size() > kMostIdle && size <= kMostIdle && used == 0) {
    std::vector<std::byte>().swap(buffer_);
  }
  if (buffer_.size() < size) {
    if (used == 0) buffer_.clear();  // nothing to move
    buffer_.resize(size);
  }
  return buffer_;
}

void KeptBytes::keep(std::size_t from, std::size_t size, bool end, bool termchar) noexcept {
  from_ = from;
  size_ = size;
  end_ = end;
  termchar_ = termchar && size > 0;  // no bytes: none of them is the termination character
}

bool KeptBytes::deliver(std::span<std::byte> into, const spi::EndRule& rule,
                        spi::ReadResult& result) {
  std::size_t count = std::min(size_, into.size() - result.count);
  bool met = false;
  if (rule.termchar_enabled && count > 0) {
    const auto* const begin = buffer_.data() + from_;
    const auto* const at = std::find(begin, begin + count, std::byte{rule.termchar});
    met = at != begin + count;
    if (met) count = static_cast<std::size_t>(at - begin) + 1;
  }
  if (count > 0) std::memcpy(into.data() + result.count, buffer_.data() + from_, count);
  result.count += count;
  from_ += count;
  size_ -= count;
  if (size_ == 0) {
    met = met || (termchar_ && rule.termchar_enabled);
    termchar_ = false;
    if (end_) {
      end_ = false;
      if (!rule.suppress_end) {
        result.reason = spi::StopReason::end;
        return true;
      }
    }
  }
  if (met) {
    result.reason = spi::StopReason::termchar;
    return true;
  }
  result.reason = spi::StopReason::count;
  return result.count == into.size();
}

}  // namespace visa::drivers::usb
