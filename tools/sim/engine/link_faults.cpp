// SPDX-License-Identifier: MIT
// Delays and faults: what becomes of a whole answer between the instrument and the wire.
#include <algorithm>
#include <string>
#include <utility>

#include "tools/sim/engine/link.h"
#include "tools/sim/engine/wire_log.h"

namespace visa::sim {
namespace {

// A time that is never stays never.
Clock::time_point later(Clock::time_point due, std::chrono::milliseconds delay) {
  return due == Clock::time_point::max() ? due : due + delay;
}

}  // namespace

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
    log("fault", active->fault.kind->name);
    meet(*active, std::move(answer), due);
    return;
  }
  previous_.reset();
  paced_.hold(std::move(answer), due);
}

// What each kind does with an answer that was due at a time, which may be never.
const std::array<Link::Meeting, 8> Link::kMeetings = {{
    {&kDropFault, &Link::meet_drop},
    {&kStallFault, &Link::meet_stall},
    {&kSplitFault, &Link::meet_split},
    {&kTruncateFault, &Link::meet_truncate},
    {&kGarbageFault, &Link::meet_garbage},
    {&kLateFault, &Link::meet_late},
    {&kPreviousFault, &Link::meet_previous},
    {&kEndlessFault, &Link::meet_endless},
}};

void Link::meet(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due) {
  for (const Meeting& one : kMeetings) {
    if (one.kind == active.fault.kind) {
      (this->*one.meet)(active, std::move(answer), due);
      return;
    }
  }
  paced_.hold(std::move(answer), due);  // a kind of the wire, which meets answers by itself
}

void Link::meet_drop(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due) {
  answer.split(std::min(active.fault.bytes.value_or(0), answer.size()));
  paced_.hold(std::move(answer), due, active.fault.reset ? Ending::reset : Ending::close);
}

void Link::meet_stall(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due) {
  if (active.fault.delay.count() > 0 && due != Clock::time_point::max()) {
    paced_.hold(std::move(answer), due + active.fault.delay);
  } else {
    paced_.hold(std::move(answer), Clock::time_point::max(), Ending::none, active.id);
  }
}

void Link::meet_split(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due) {
  const std::size_t size = answer.size();
  const std::size_t pieces = std::min(active.fault.pieces, std::max<std::size_t>(size, 1));
  for (std::size_t i = 1; i < pieces; ++i) {
    OutputQueue rest = answer.split(size * i / pieces - size * (i - 1) / pieces);
    paced_.hold(std::move(answer), due);
    answer = std::move(rest);
    due = later(due, active.fault.delay);
  }
  paced_.hold(std::move(answer), due);
}

void Link::meet_truncate(const FaultBoard::Active& active, OutputQueue answer,
                         Clock::time_point due) {
  const std::size_t size = answer.size();
  answer.split(std::min(active.fault.bytes.value_or(size / 2), size));
  paced_.hold(std::move(answer), due);
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): a row of the table, as the others
void Link::meet_garbage(const FaultBoard::Active& active, OutputQueue answer,
                        Clock::time_point due) {
  const Fault& fault = active.fault;
  std::string bytes(fault.bytes.value_or(std::min(answer.size(), kOutputLimit / 2)), '\0');
  for (char& byte : bytes) {  // never the terminator, but where it is wanted
    garbage_ = garbage_ * 1664525U + 1013904223U;
    byte = static_cast<char>(garbage_ >> 24);
    byte = byte == '\n' ? '\x0B' : byte;
  }
  if (fault.terminated && !bytes.empty()) bytes.back() = '\n';
  OutputQueue garbage;
  garbage.append(bytes);
  garbage.end_message();
  paced_.hold(std::move(garbage), due);
}

void Link::meet_late(const FaultBoard::Active& active, OutputQueue answer, Clock::time_point due) {
  paced_.hold(std::move(answer), later(due, active.fault.delay));
}

void Link::meet_previous(const FaultBoard::Active& active, OutputQueue answer,
                         Clock::time_point due) {
  previous_fault_ = active.id;
  std::optional<OutputQueue> before = std::exchange(previous_, std::move(answer));
  if (before) paced_.hold(std::move(*before), due);
}

void Link::meet_endless(const FaultBoard::Active& active, OutputQueue answer,
                        Clock::time_point due) {
  const std::string once = answer.take(kHighWater).bytes;
  std::string block;
  while (block.size() < kHighWater && !once.empty()) block += once;
  if (block.empty()) {  // of nothing comes nothing, also again and again
    return;
  }
  endless_fault_ = active.id;
  endless_ = std::make_shared<const std::string>(std::move(block));
  OutputQueue beginning;
  beginning.append(endless_);
  paced_.hold(std::move(beginning), due);
}

void Link::refill(std::size_t size) {
  if (!endless() || holding() || output().size() >= size) return;
  OutputQueue more;  // a queue that is never emptied would keep its used segments
  more.append(output());
  while (more.size() < size) more.append(endless_);
  output() = std::move(more);
}

// The fault is off: what is on its way is the end of the answer. One that is held back begins
// first. True if there was one.
bool Link::finish_endless() {
  if (!endless() || holding() || instrument_.faults().is_on(endless_fault_)) return false;
  refill(1);
  output().end_message();
  endless_.reset();
  return true;
}

void Link::drop(bool reset) {
  log("fault", "drop");
  if (events_ != nullptr) events_->on_drop(reset);
}

void Link::faults_changed() {
  if (previous_ && !instrument_.faults().is_on(previous_fault_)) previous_.reset();
  const bool changed =
      paced_.let_go([this](std::uint32_t id) { return instrument_.faults().is_on(id); });
  if ((finish_endless() || changed) && events_ != nullptr) events_->on_late_answer();
}

}  // namespace visa::sim
