// SPDX-License-Identifier: MIT
// END outranks the termination character, and that the count (6.1.1 to 6.1.3).
#include "drivers/gpib/kept_answers.h"

#include <algorithm>
#include <cstring>

namespace visa::drivers::gpib {

void KeptAnswers::add(const Address& device, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  Answer& answer = answers_[device];
  answer.ended = false;
  const std::size_t room = kMost - std::min(kMost, answer.bytes.size() - answer.from);
  if (bytes.size() > room) answer.cut = true;
  if (answer.cut) return;
  answer.bytes.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void KeptAnswers::end(const Address& device) {
  answers_[device].ended = true;
}

bool KeptAnswers::deliver(const Address& device, std::span<std::byte> into,
                          const spi::EndRule& rule, spi::ReadResult& result, Call& call) {
  const auto at = answers_.find(device);
  if (at == answers_.end()) return false;
  Answer& answer = at->second;
  const char* const data = answer.bytes.data() + answer.from;
  const std::size_t left = answer.bytes.size() - answer.from;
  std::size_t size = std::min(left, into.size() - result.count);
  bool mark = false;
  if (rule.termchar_enabled && size > 0) {
    if (const void* found = std::memchr(data, rule.termchar, size)) {
      size = static_cast<std::size_t>(static_cast<const char*>(found) - data) + 1;
      mark = true;
    }
  }
  if (size > 0) std::memcpy(into.data() + result.count, data, size);
  result.count += size;
  answer.from += size;
  const bool all = answer.from == answer.bytes.size();
  const bool ended = all && answer.ended;
  const bool cut = all && answer.cut;
  if (all) answers_.erase(at);
  if (cut) {
    result.status =
        call.fail(Status::error_io,
                  "a part of the answer of address " + device.text() +
                      " was lost while other devices were used; clear the device and ask again");
    return true;
  }
  result.reason = ended  ? spi::StopReason::end
                  : mark ? spi::StopReason::termchar
                         : spi::StopReason::count;
  return ended || mark || result.count == into.size();
}

}  // namespace visa::drivers::gpib
