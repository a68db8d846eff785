// SPDX-License-Identifier: MIT
#include "tools/sim/faults.h"

#include <algorithm>
#include <array>

namespace visa::sim {
namespace {

constexpr std::array<std::string_view, 7> kNames = {"drop",    "stall", "split",   "truncate",
                                                    "garbage", "late",  "previous"};

}  // namespace

std::string_view fault_name(FaultKind kind) noexcept {
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<FaultKind> find_fault_kind(std::string_view name) noexcept {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    return std::nullopt;
  }
  return static_cast<FaultKind>(found - kNames.begin());
}

std::optional<std::uint32_t> FaultBoard::add(const Fault& fault) {
  // One that is used up stays on the list, so that one can ask how often it was met, but makes
  // room.
  if (active_.size() >= kMost) {
    const auto used = std::find_if(active_.begin(), active_.end(), [](const Active& one) {
      return one.fault.count > 0 && one.applied >= one.fault.count;
    });
    if (used == active_.end()) {
      return std::nullopt;
    }
    active_.erase(used);
  }
  active_.push_back({++last_id_, fault, 0, 0});
  return last_id_;
}

const FaultBoard::Active* FaultBoard::next(std::uint64_t client) {
  for (Active& one : active_) {
    if (one.fault.client != 0 && one.fault.client != client) {
      continue;
    }
    if (one.fault.count > 0 && one.applied >= one.fault.count) {
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
