// SPDX-License-Identifier: MIT
#include "tools/sim/engine/faults.h"

#include <algorithm>
#include <array>

namespace visa::sim {
namespace {

constexpr std::array<std::string_view, kFaultKinds> kNames = {"drop",
                                                              "stall",
                                                              "split",
                                                              "truncate",
                                                              "garbage",
                                                              "late",
                                                              "previous",
                                                              "rpc-error",
                                                              "rpc-refuse",
                                                              "rpc-silence",
                                                              "max-receive",
                                                              "short-write",
                                                              "long-answer",
                                                              "no-end",
                                                              "rpc-xid",
                                                              "rpc-stale",
                                                              "rpc-fragments",
                                                              "rpc-unfinished",
                                                              "rpc-long-fragment",
                                                              "rpc-long-opaque",
                                                              "rpc-padding",
                                                              "rpc-split",
                                                              "rpc-stall",
                                                              "rpc-close",
                                                              "rpc-late",
                                                              "srq-short",
                                                              "srq-twice",
                                                              "srq-lost"};

// The one procedure that some kinds make sense for.
bool concerns(FaultKind kind, const RpcProcedure* procedure) noexcept {
  switch (kind) {
    case FaultKind::max_receive:
      return procedure == &vxi11_procedure(Vxi11Procedure::create_link);
    case FaultKind::short_write:
      return procedure == &vxi11_procedure(Vxi11Procedure::device_write);
    case FaultKind::long_answer:
    case FaultKind::no_end:
      return procedure == &vxi11_procedure(Vxi11Procedure::device_read);
    default:
      return true;
  }
}

}  // namespace

std::string_view fault_name(FaultKind kind) noexcept {
  return kNames[static_cast<std::size_t>(kind)];
}

FaultPoint fault_point(FaultKind kind) noexcept {
  if (kind <= FaultKind::previous) {
    return FaultPoint::answer;
  }
  if (kind <= FaultKind::no_end) {
    return FaultPoint::call;
  }
  return kind <= FaultKind::rpc_late ? FaultPoint::reply : FaultPoint::service_request;
}

std::span<const std::string_view> fault_names() noexcept {
  return kNames;
}

bool fault_needs_error(FaultKind kind) noexcept {
  return kind == FaultKind::rpc_error || kind == FaultKind::rpc_refuse;
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

const FaultBoard::Active* FaultBoard::next(FaultPoint point, std::uint64_t client,
                                           const RpcProcedure* procedure) {
  for (Active& one : active_) {
    const FaultKind kind = one.fault.kind;
    if (fault_point(kind) != point || !concerns(kind, procedure)) {
      continue;
    }
    if (procedure != nullptr && one.fault.procedure != procedure &&
        (one.fault.procedure != nullptr || procedure->program == kPortmapProgram)) {
      continue;
    }
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
