// SPDX-License-Identifier: MIT
// IEEE 488.2 blocks and raw data. The bytes go from the device straight into the caller's memory,
// and elements are reversed there.
#include <algorithm>
#include <string_view>

#include "lib/format/byte_order.h"
#include "lib/format/scan_steps.h"

namespace visa::format {
namespace {

using Until = ByteSource::Until;

// Bytes reversed at a time, few enough to be still in the processor's cache.
constexpr std::uint64_t kTurnedAtOnce = std::uint64_t{512} << 10U;

constexpr std::uint64_t kIndefinite = kUnlimited;

// The part of the caller's memory that is filled, in whole elements.
struct Target {
  std::byte* into;  // null: nothing is kept
  std::size_t size;
  bool reverse;
};

// Skips white space and takes `#<k><length>` or `#0`. If there is no header, takes nothing.
Step take_header(ByteSource& source, std::uint64_t& length) {
  const Status white = skip_white(source);
  if (failed(white)) return failed_step(white);
  while (!source.over()) {
    const std::string_view text = source.at_hand();
    const auto digit = [text](std::size_t at) {
      return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -1;
    };
    std::size_t known = 0;
    if (text.front() != '#') return kLastStep;
    if (text.size() > 1) {
      const int digits = digit(1);
      if (digits < 0) return kLastStep;
      length = digits == 0 ? kIndefinite : 0;
      for (known = 2; known < text.size() && known < 2U + static_cast<unsigned>(digits); ++known) {
        if (digit(known) < 0) return kLastStep;
        length = length * 10 + static_cast<unsigned>(digit(known));
      }
      if (known == 2U + static_cast<unsigned>(digits)) {
        source.consume(known);
        return kNextStep;
      }
    }
    if (source.end_at_hand()) return kLastStep;
    const Status status = source.more();
    if (failed(status)) return failed_step(status);
  }
  return kLastStep;
}

// Reads up to `bytes` (whole elements) into the target; `got` says how many came. `until` decides
// whether an earlier END ends them.
Status fill(ByteSource& source, const Target& target, std::uint64_t bytes, Until until,
            std::uint64_t& got) {
  const std::uint64_t most = target.reverse ? kTurnedAtOnce : bytes;
  got = 0;
  while (got < bytes) {
    const auto part = static_cast<std::size_t>(std::min(bytes - got, most));
    std::byte* const into = target.into + got;
    std::size_t came = 0;
    const Status status = source.read({into, part}, until, came);
    if (target.reverse) reverse_elements(into, into, came / target.size, target.size);
    got += came;
    if (failed(status) || came < part) return status;
  }
  return Status::success;
}

// %b: inside a block of known length, byte values and pauses that would mean END are data.
Step take_definite(ByteSource& source, const Target& target, ScanRoom& room, std::uint64_t length) {
  std::uint64_t wanted = 0;
  std::uint64_t got = 0;
  if (target.into != nullptr) {
    wanted = std::min(room.room, length / target.size) * target.size;
    const Status status = fill(source, target, wanted, Until::count, got);
    room.used = got / target.size;
    if (failed(status)) return failed_step(status);
  }
  const Status status = discard(source, length - wanted, Until::count);
  return failed(status) ? failed_step(status) : kNextStep;
}

// Reads the bytes of `#0` up to END. A line feed that carries END closes the block and is not data.
// The bytes at hand are checked for it first, so that nothing past the data is written. When the
// device fills the caller's memory directly, the line feed lands there but is not counted.
Status fill_to_end(ByteSource& source, const Target& target, std::uint64_t most,
                   std::uint64_t& got) {
  got = 0;
  while (got < most && !source.over()) {
    const std::string_view text = source.at_hand();
    const bool closed = source.end_at_hand() && text.back() == '\n';
    std::uint64_t part = most - got;
    if (!text.empty()) part = std::min<std::uint64_t>(part, text.size() - (closed ? 1 : 0));
    if (part == 0) break;
    std::size_t came = 0;
    const Status status =
        source.read({target.into + got, static_cast<std::size_t>(part)}, Until::end, came);
    got += came;
    if (failed(status)) return status;
    if (came > 0 && source.over() && target.into[got - 1] == std::byte{'\n'}) --got;
  }
  return discard_message(source);
}

Step take_indefinite(ByteSource& source, const Target& target, ScanRoom& room) {
  Status status = Status::success;
  if (target.into == nullptr) {
    status = discard_message(source);
  } else {
    std::uint64_t got = 0;
    status = fill_to_end(source, target, room.room * target.size, got);
    room.used = got / target.size;
    if (target.reverse) {
      reverse_elements(target.into, target.into, static_cast<std::size_t>(room.used), target.size);
    }
  }
  return failed(status) ? failed_step(status) : kNextStep;
}

// %y: takes the bytes as they come, up to END.
Step take_raw(ByteSource& source, const Target& target, ScanRoom& room) {
  Status status = Status::success;
  if (target.into == nullptr) {
    status = discard(source, room.room * target.size, Until::end);
  } else {
    std::uint64_t got = 0;
    status = fill(source, target, room.room * target.size, Until::end, got);
    room.used = got / target.size;
  }
  return failed(status) ? failed_step(status) : kNextStep;
}

// `l` means 32 bits here, for any size of a C long: the instrument decides what it sends.
std::size_t element_size(const ScanSpec& spec) {
  if (spec.length == Length::none) return 1;
  return scan_integer_size(spec.length, false);
}

}  // namespace

Step scan_block(Scan& scan, const ScanSpec& spec) {
  ScanRoom room(scan, spec.suppress ? ScanCount::none : spec.width,
                spec.width == ScanCount::constant ? static_cast<std::uint64_t>(spec.width_value)
                                                  : kUnlimited / 8);
  Target target{};
  target.into = spec.suppress ? nullptr : scan.arguments.next<std::byte*>();
  if (room.bad || (target.into == nullptr && !spec.suppress)) {
    return failed_step(Status::error_user_buf);
  }
  target.size = element_size(spec);
  target.reverse = needs_reversal(spec.order, target.size);
  if (spec.code == 'y') return take_raw(scan.source, target, room);
  std::uint64_t length = 0;
  const Step header = take_header(scan.source, length);
  if (header.over) return header;
  return length == kIndefinite ? take_indefinite(scan.source, target, room)
                               : take_definite(scan.source, target, room, length);
}

}  // namespace visa::format
