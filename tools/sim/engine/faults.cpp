// SPDX-License-Identifier: MIT
// Invariant: a board's faults stand in the order in which they were switched on.
#include "tools/sim/engine/faults.h"

#include <algorithm>
#include <array>

namespace visa::sim {
namespace {

// Whether a fault that is on is one for this moment, its count aside.
bool concerns(const Fault& fault, FaultPoint point, std::uint64_t client,
              const WireOperation* operation) noexcept {
  const FaultKind& kind = *fault.kind;
  if (kind.point != point) return false;
  if (kind.only != nullptr && kind.only != operation && kind.also != operation) return false;
  if (operation != nullptr && fault.operation != operation &&
      (fault.operation != nullptr || operation->only_by_name)) {
    return false;
  }
  return fault.client == 0 || fault.client == client;
}

}  // namespace

std::span<const FaultKind* const> answer_faults() noexcept {
  static constexpr std::array<const FaultKind*, 8> kKinds = {
      &kDropFault,    &kStallFault, &kSplitFault,    &kTruncateFault,
      &kGarbageFault, &kLateFault,  &kPreviousFault, &kEndlessFault};
  return kKinds;
}

std::optional<std::uint32_t> FaultBoard::add(const Fault& fault) {
  // One that is used up stays on the list, so that one can ask how often it was met, but makes
  // room.
  if (active_.size() >= kMost) {
    const auto used = std::find_if(active_.begin(), active_.end(), [](const Active& one) {
      return one.fault.count > 0 && one.applied >= one.fault.count;
    });
    if (used == active_.end()) return std::nullopt;
    active_.erase(used);
  }
  active_.push_back({++last_id_, fault, 0, 0});
  return last_id_;
}

const FaultBoard::Active* FaultBoard::next(FaultPoint point, std::uint64_t client,
                                           const WireOperation* operation) {
  for (Active& one : active_) {
    if (!concerns(one.fault, point, client, operation) ||
        (one.fault.count > 0 && one.applied >= one.fault.count)) {
      continue;
    }
    if (one.passed < one.fault.after) {
      ++one.passed;
      continue;
    }
    ++one.applied;
    return &one;
  }
  return nullptr;
}

bool FaultBoard::remove(std::uint32_t id) {
  return std::erase_if(active_, [id](const Active& one) { return one.id == id; }) > 0;
}

bool FaultBoard::is_on(std::uint32_t id) const noexcept {
  return std::any_of(active_.begin(), active_.end(),
                     [id](const Active& one) { return one.id == id; });
}

}  // namespace visa::sim
