// SPDX-License-Identifier: MIT
// Delays and faults: what becomes of a whole answer between the instrument and the wire.
#include <algorithm>
#include <string>
#include <utility>

#include "tools/sim/engine/link.h"
#include "tools/sim/engine/wire_log.h"

namespace visa::sim {

void Link::log(std::string_view event, std::string_view bytes) const {
  if (WireLog* const log = instrument_.log()) {
    log->record(instrument_.log_name(), id_, event, bytes);
  }
}

void Link::shape(OutputQueue answer) {
  const auto now = Clock::now();
  const auto after = std::max(now, paced_.last_due());
  const auto delay = std::exchange(delay_, std::chrono::milliseconds(0));
  const auto due = after == Clock::time_point::max() ? after : after + delay;
  const FaultBoard::Active* const active = exempt_ ? nullptr : instrument_.faults().next(id_);
  if (active != nullptr) {
    log("fault", fault_name(active->fault.kind));
    meet(*active, std::move(answer), due);
    return;
  }
  previous_.reset();
  paced_.hold(std::move(answer), due);
}

void Link::meet(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due) {
  const Fault& fault = active.fault;
  const std::size_t size = answer.size();
  const bool forever = due == Clock::time_point::max();
  switch (fault.kind) {
    case FaultKind::drop:
      answer.split(std::min(fault.bytes.value_or(0), size));
      paced_.hold(std::move(answer), due, fault.reset ? Ending::reset : Ending::close);
      break;
    case FaultKind::stall:
      if (fault.delay.count() > 0 && !forever) {
        paced_.hold(std::move(answer), due + fault.delay);
      } else {
        paced_.hold(std::move(answer), Clock::time_point::max(), Ending::none, active.id);
      }
      break;
    case FaultKind::split: {
      const std::size_t pieces = std::min(fault.pieces, std::max<std::size_t>(size, 1));
      for (std::size_t i = 1; i < pieces; ++i) {
        OutputQueue rest = answer.split(size * i / pieces - size * (i - 1) / pieces);
        paced_.hold(std::move(answer), due);
        answer = std::move(rest);
        due = forever ? due : due + fault.delay;
      }
      paced_.hold(std::move(answer), due);
      break;
    }
    case FaultKind::truncate:
      answer.split(std::min(fault.bytes.value_or(size / 2), size));
      paced_.hold(std::move(answer), due);
      break;
    case FaultKind::garbage: {
      std::string bytes(fault.bytes.value_or(std::min(size, kOutputLimit / 2)), '\0');
      for (char& byte : bytes) {  // never the terminator, but where it is wanted
        garbage_ = garbage_ * 1664525U + 1013904223U;
        byte = static_cast<char>(garbage_ >> 24);
        byte = byte == '\n' ? '\x0B' : byte;
      }
      if (fault.terminated && !bytes.empty()) {
        bytes.back() = '\n';
      }
      OutputQueue garbage;
      garbage.append(bytes);
      garbage.end_message();
      paced_.hold(std::move(garbage), due);
      break;
    }
    case FaultKind::late:
      paced_.hold(std::move(answer), forever ? due : due + fault.delay);
      break;
    case FaultKind::previous: {
      previous_fault_ = active.id;
      std::optional<OutputQueue> before = std::exchange(previous_, std::move(answer));
      if (before) {
        paced_.hold(std::move(*before), due);
      }
      break;
    }
    default:  // not of answers: the board does not name it here
      paced_.hold(std::move(answer), due);
      break;
  }
}

void Link::drop(bool reset) {
  log("fault", "drop");
  if (events_ != nullptr) {
    events_->on_drop(reset);
  }
}

void Link::faults_changed() {
  if (previous_ && !instrument_.faults().is_on(previous_fault_)) {
    previous_.reset();
  }
  const bool changed =
      paced_.let_go([this](std::uint32_t id) { return instrument_.faults().is_on(id); });
  if (changed && events_ != nullptr) {
    events_->on_late_answer();
  }
}

}  // namespace visa::sim
