// SPDX-License-Identifier: MIT
// Parts leave in the order in which they were sent, whatever their delays are.
#include "tools/sim/gpib/gpib_reply.h"

#include <algorithm>
#include <utility>

#include "tools/sim/gpib/gpib_faults.h"

namespace visa::sim {
namespace {

void hold(std::string_view text, Clock::time_point when, PacedOutput& output,
          PacedOutput::Ending ending = PacedOutput::Ending::none) {
  OutputQueue queue;
  queue.append(text);
  output.hold(std::move(queue), std::max(when, output.last_due()), ending);
}

}  // namespace

const Fault* meet_gpib_fault(GpibStation* station, FaultPoint point,
                             const WireOperation& operation) {
  if (station == nullptr || station->faults().empty()) return nullptr;
  const auto* const active = station->faults().next(point, station->link().id(), &operation);
  return active == nullptr ? nullptr : &active->fault;
}

GpibReply::GpibReply(GpibStation* station, const WireOperation& operation) {
  if (const Fault* const met = meet_gpib_fault(station, FaultPoint::reply, operation)) {
    fault_ = *met;
  }
}

void GpibReply::send(std::string_view text, bool last, PacedOutput& output) {
  const auto now = Clock::now();
  const std::size_t before = std::exchange(sent_, sent_ + text.size());
  if (!fault_) {
    hold(text, now, output);
  } else if (fault_->kind == &kGpibLateFault) {
    hold(text, now + fault_->delay, output);
  } else if (fault_->kind == &kGpibSplitFault) {
    const std::size_t pieces = std::max<std::size_t>(fault_->pieces, 1);
    const std::size_t size = text.size() / pieces + 1;
    auto when = std::max(now, output.last_due());
    for (std::size_t from = 0; from < text.size(); from += size, when += fault_->delay) {
      hold(text.substr(from, size), when, output);
    }
  } else if (fault_->kind == &kGpibDropFault) {
    const std::size_t most = fault_->bytes.value_or(0);
    if (before > most) return;  // it has ended
    const bool ends = last || sent_ > most;
    const auto how = fault_->reset ? PacedOutput::Ending::reset : PacedOutput::Ending::close;
    hold(text.substr(0, most - before), now, output, ends ? how : PacedOutput::Ending::none);
  }
}

}  // namespace visa::sim
