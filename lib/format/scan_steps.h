// SPDX-License-Identifier: MIT
// The conversions of a scan, one function for each family of codes, and what they share: arguments,
// source, settings and how a step ends. Inside lib/format only. The thread of the call.
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

/// How a part of the format ended: the next one follows, or the call is over with `status`.
struct Step {
  Status status = Status::success;
  bool over = false;
};
inline constexpr Step kNextStep{};
/// The input is not what the format wants, or it has ended: no error (VPP-4.3 has no code for it).
inline constexpr Step kLastStep{Status::success, true};
constexpr Step failed_step(Status status) {
  return {status, true};
}

/// Waits for a byte to look at. success with nothing at hand: the input is over.
Status wait_for_byte(ByteSource& source);
/// Takes white space up to another byte or the end of the input; with `wait` false only of what is
/// at hand.
Status skip_white(ByteSource& source, bool wait = true);
/// Reads `count` bytes and forgets them; fewer where the input ends before.
Status discard(ByteSource& source, std::uint64_t count, ByteSource::Until until);
/// The same up to END.
Status discard_message(ByteSource& source);

/// `#` before a conversion takes its ViInt32* first: how much room there is, and at the end how
/// much of it was used. Without `#` a fixed room. What is stored is stored whichever way the call
/// ends.
class ScanRoom {
 public:
  /// Takes the argument where there is one.
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

/// No room of a kind is larger.
inline constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};

Step scan_number(Scan& scan, const ScanSpec& spec);  // d i o u x X, e E f g G, p; arrays of them
Step scan_text(Scan& scan, const ScanSpec& spec);    // c s t T [
Step scan_block(Scan& scan, const ScanSpec& spec);   // b B y

}  // namespace visa::format
