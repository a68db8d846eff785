// SPDX-License-Identifier: MIT
// The conversions of a scan, one function for each family of codes, and what they share: arguments,
// source, settings and how a step ends. For lib/format only. Used by the thread of the call.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/base/status.h"
#include "lib/format/argument_list.h"
#include "lib/format/byte_source.h"
#include "lib/format/format_settings.h"
#include "lib/format/scan_spec.h"

namespace visa::format {

struct Scan {
  ArgumentList& arguments;
  ByteSource& source;
  const FormatSettings& settings;
};

/// How a part of the format ended: the next part follows, or the call is over with `status`.
struct Step {
  Status status = Status::success;
  bool over = false;
};
inline constexpr Step kNextStep{};
/// The input does not match the format, or has ended. That is no error: VPP-4.3 has no code for it.
inline constexpr Step kLastStep{Status::success, true};
constexpr Step failed_step(Status status) {
  return {status, true};
}

/// Waits until a byte is at hand. success with nothing at hand means that the input is over.
Status wait_for_byte(ByteSource& source);
/// Takes white space up to another byte or the end of the input; without `wait`, only from the
/// bytes at hand.
Status skip_white(ByteSource& source, bool wait = true);
/// Reads `count` bytes and drops them; fewer if the input ends before.
Status discard(ByteSource& source, std::uint64_t count, ByteSource::Until until);
/// The same up to END.
Status discard_message(ByteSource& source);

/// The room of a conversion. With `#` the first argument is a ViInt32*: it says how much room there
/// is and receives how much was used, however the call ends. Without `#` the room is fixed.
class ScanRoom {
 public:
  /// Takes the argument if `kind` has one.
  ScanRoom(Scan& scan, ScanCount kind, std::uint64_t fixed);
  ~ScanRoom() {
    if (reported_ != nullptr) *reported_ = static_cast<std::int32_t>(used);
  }
  ScanRoom(const ScanRoom&) = delete;
  ScanRoom& operator=(const ScanRoom&) = delete;

  std::uint64_t room = 0;
  std::uint64_t used = 0;
  bool bad = false;  // a null pointer

 private:
  std::int32_t* reported_ = nullptr;
};

/// Larger than any room.
inline constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};

Step scan_number(Scan& scan, const ScanSpec& spec);  // d i o u x X, e E f g G, p; arrays of them
Step scan_text(Scan& scan, const ScanSpec& spec);    // c s t T [
Step scan_block(Scan& scan, const ScanSpec& spec);   // b B y

}  // namespace visa::format
