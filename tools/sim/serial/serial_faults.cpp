// SPDX-License-Identifier: MIT
// An answer is copied only where a fault changes it.
#include "tools/sim/serial/serial_faults.h"

#include <algorithm>
#include <string>
#include <utility>

namespace visa::sim {

std::span<const FaultKind* const> serial_faults() noexcept {
  static constexpr std::array<const FaultKind*, 3> kKinds = {&kSerialLostFault, &kSerialNoiseFault,
                                                             &kSerialExtraFault};
  return kKinds;
}

void meet_serial_fault(FaultBoard& board, std::uint64_t client, OutputQueue& answer) {
  if (board.empty()) return;
  const FaultBoard::Active* const active = board.next(FaultPoint::reply, client, nullptr);
  if (active == nullptr) return;
  const Fault& fault = active->fault;
  const std::size_t bytes = std::min(fault.bytes.value_or(1), answer.size());
  if (fault.kind == &kSerialLostFault) {
    OutputQueue rest = answer.split((answer.size() - bytes) / 2);
    rest.consume(bytes);
    answer.append(rest);
    return;
  }
  OutputQueue changed;
  if (fault.kind == &kSerialExtraFault) {
    changed.append(std::string(fault.bytes.value_or(1), '#'));
  } else {
    std::string noisy;
    while (noisy.size() < bytes) noisy += answer.take(bytes - noisy.size()).bytes;
    for (char& c : noisy) c = static_cast<char>(static_cast<unsigned char>(c) ^ 0x80U);
    changed.append(noisy);
  }
  changed.append(answer);
  answer = std::move(changed);
}

}  // namespace visa::sim
