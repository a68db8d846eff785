// SPDX-License-Identifier: MIT
// Invariant: replies and reports leave in the order in which they were made, whatever delays one.
#include "tools/sim/dongle/dongle_function.h"

#include <algorithm>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::size_t kMostPieces = 32;

UsbLayout dongle_layout(const DongleModel& model, std::uint16_t interrupt_packet) {
  const std::uint16_t packet = usb_bulk_packet(model.speed);
  UsbLayout layout{.device_class = 0xFF,
                   .subclass = model.subclass,
                   .protocol = model.protocol,
                   .endpoints = {{model.out, UsbPipeType::bulk, packet, 0},
                                 {model.in, UsbPipeType::bulk, packet, 0},
                                 {model.interrupt, UsbPipeType::interrupt, interrupt_packet, 4}}};
  for (const std::uint8_t other : {model.other_out, model.other_in}) {
    if (other != 0) layout.endpoints.push_back({other, UsbPipeType::bulk, packet, 0});
  }
  return layout;
}

}  // namespace

DongleFunction::DongleFunction(UsbPort& port, Dongle& dongle, std::uint16_t interrupt_packet)
    : port_(port),
      dongle_(dongle),
      layout_(dongle_layout(dongle.model, interrupt_packet)),
      controller_(dongle.bus) {
  dongle_.bus.set_watcher(this);
}

DongleFunction::~DongleFunction() {
  dongle_.bus.forget_watcher(*this);
}

GpibStation* DongleFunction::logging() const noexcept {
  if (GpibStation* const one = controller_.addressed()) return one;
  const auto& all = dongle_.bus.stations();
  return all.empty() ? nullptr : all.front().get();
}

bool DongleFunction::logged() const noexcept {
  GpibStation* const one = logging();
  return one != nullptr && one->link().logged();
}

void DongleFunction::log(std::string_view event, std::string_view text) const {
  if (logged()) logging()->link().log(event, text);
}

void DongleFunction::violation(std::string_view what) {
  ++dongle_.state.violations;
  log("violation", what);
}

const FaultBoard::Active* DongleFunction::meet(FaultPoint point, const WireOperation& operation) {
  const auto ask = [&](GpibStation& one) {
    return one.faults().empty() ? nullptr : one.faults().next(point, one.link().id(), &operation);
  };
  const FaultBoard::Active* active = nullptr;
  GpibStation* const one = controller_.addressed();
  const bool of_one = &operation == &kDongleRead || &operation == &kDongleWrite;
  if (one != nullptr) active = ask(*one);
  if (one == nullptr || !of_one) {
    for (const auto& other : dongle_.bus.stations()) {
      if (active == nullptr && other.get() != one) active = ask(*other);
    }
  }
  if (active != nullptr) log("fault", active->fault.kind->name);
  return active;
}

// The first that a host does: what a program before it left unread, by a fault, is there then.
void DongleFunction::begin_life() {
  if (std::exchange(begun_, true)) return;
  const auto* const active = meet(FaultPoint::reply, kDonglePlug);
  if (active != nullptr && active->fault.kind == &kDongleStaleFault) put_stale(active->fault);
}

bool DongleFunction::unplugged_or_silent(const FaultBoard::Active* active) {
  if (active == nullptr) return false;
  if (active->fault.kind == &kDongleUnplugFault) leave(active->fault.delay);
  return active->fault.kind == &kDongleUnplugFault || active->fault.kind == &kDongleSilenceFault;
}

void DongleFunction::leave(std::chrono::milliseconds time) {
  leaving_ = true;
  port_.unplug(time.count() > 0 ? std::optional(time) : std::nullopt);
}

void DongleFunction::put(std::string bytes, Clock::time_point due) {
  replies_.push_back({.bytes = std::move(bytes), .due = due});
}

void DongleFunction::put_stale(const Fault& fault) {
  const std::size_t count = std::min<std::size_t>(fault.length.value_or(1), kMostPieces);
  for (std::size_t i = 0; i < count; ++i) put(stale_reply(), Clock::time_point::min());
}

// Where a short packet is all that says how long data is, whole packets come, `delay` between two.
void DongleFunction::put_split(const std::string& bytes, const Fault& fault, bool whole_packets) {
  const std::size_t pieces = std::clamp<std::size_t>(fault.pieces, 1, kMostPieces);
  const std::size_t unit = whole_packets ? packet() : 1;
  auto due = Clock::now();
  std::size_t from = 0;
  for (std::size_t i = 1; i <= pieces; ++i) {
    const bool last = i == pieces;
    const std::size_t end = last ? bytes.size() : bytes.size() * i / pieces / unit * unit;
    if (end == from && !last) continue;
    put(bytes.substr(from, end - from), due);
    replies_.back().continues = whole_packets && !last;
    from = end;
    due += fault.delay;
  }
}

void DongleFunction::reply(std::string bytes, const WireOperation& operation) {
  const auto* const active = meet(FaultPoint::reply, operation);
  constexpr auto kAtOnce = Clock::time_point::min();
  port_.wake();
  if (active == nullptr) return put(std::move(bytes), kAtOnce);
  const Fault& fault = active->fault;
  const std::size_t first = std::min(fault.bytes.value_or(bytes.size() / 2), bytes.size());
  if (fault.kind == &kDongleLostFault) return;
  if (fault.kind == &kDongleSplitFault) {
    const bool data = &operation == &kDongleRead && dongle_.model.family != DongleFamily::ni;
    return put_split(bytes, fault, data);
  }
  if (fault.kind == &kDongleStaleFault) put_stale(fault);
  if (fault.kind == &kDongleShortFault) bytes.resize(first);
  if (fault.kind == &kDongleLongFault) bytes += std::string(fault.bytes.value_or(16), 't');
  if (fault.kind == &kDongleGarbageFault) {
    std::uint32_t noise = 0x12345678;
    for (char& one : bytes) {
      noise = noise * 1664525U + 1013904223U;
      one = static_cast<char>(noise >> 24U);
    }
  }
  const bool halts = fault.kind == &kDongleHaltFault;
  const bool unplugs = fault.kind == &kDongleUnplugInFault;
  if (halts || unplugs) bytes.resize(unplugs ? first / packet() * packet() : first);
  put(std::move(bytes), fault.kind == &kDongleLateFault ? Clock::now() + fault.delay : kAtOnce);
  replies_.back().halts = halts;
  replies_.back().unplugs = unplugs;
  replies_.back().away = fault.delay;
}

void DongleFunction::report(std::string bytes, const WireOperation& operation) {
  const auto* const active = meet(FaultPoint::service_request, operation);
  auto due = Clock::time_point::min();
  if (active != nullptr) {
    const Fault& fault = active->fault;
    if (fault.kind == &kDongleReportLostFault) return;
    if (fault.kind == &kDongleReportLateFault) due = Clock::now() + fault.delay;
    if (fault.kind == &kDongleReportExtraFault && reports_.size() < kMostReports) {
      reports_.push_back({extra_report(fault.error), due});
    }
  }
  if (reports_.size() < kMostReports) reports_.push_back({std::move(bytes), due});
  port_.wake();
}

UsbGiven DongleFunction::give(std::uint8_t endpoint, std::size_t room) {
  begin_life();
  if (leaving_) return {};
  if (endpoint == dongle_.model.interrupt) return give_report(room);
  return endpoint == dongle_.model.in ? give_reply(room) : UsbGiven();
}

UsbGiven DongleFunction::give_report(std::size_t room) {
  if (reports_.empty() || reports_.front().due > Clock::now()) return {};
  std::string bytes = std::move(reports_.front().bytes);
  reports_.pop_front();
  ++dongle_.state.reports;
  if (bytes.size() > room) return {UsbGiven::Kind::babble, bytes.substr(0, room)};
  return {UsbGiven::Kind::end, std::move(bytes)};
}

void DongleFunction::end_with_empty_packet(std::size_t room_left) noexcept {
  room_left_ = room_left;
}

// A transfer that was filled has ended by that; one with room left ends with an empty packet. From
// Xyphro's an empty packet comes in any case, then as a transfer of its own.
UsbGiven DongleFunction::give_ended(std::size_t room) noexcept {
  const std::size_t left = std::exchange(room_left_, std::nullopt).value_or(0);
  const bool filled = left == 0 || left != room;
  if (filled && dongle_.model.family != DongleFamily::xyphro) return {};
  return {UsbGiven::Kind::end, {}};
}

UsbGiven DongleFunction::give_reply(std::size_t room) {
  if (zero_packet()) {
    if (UsbGiven empty = give_ended(room); empty.kind == UsbGiven::Kind::end) return empty;
  }
  if (replies_.empty() || replies_.front().due > Clock::now()) return {};
  Reply& first = replies_.front();
  std::string bytes = first.bytes.substr(first.given, room);
  if (first.given == 0) ++dongle_.state.bulk_in_transfers;
  first.given += bytes.size();
  if (first.given < first.bytes.size()) {
    const bool fits = bytes.size() % packet() == 0;
    return {fits ? UsbGiven::Kind::data : UsbGiven::Kind::babble, std::move(bytes)};
  }
  const Reply done = std::move(first);
  replies_.pop_front();
  port_.wake();  // there is room for a message again
  if (done.unplugs) {
    leave(done.away);
    return {bytes.empty() ? UsbGiven::Kind::nothing : UsbGiven::Kind::data, std::move(bytes)};
  }
  if (done.continues) return {UsbGiven::Kind::data, std::move(bytes)};
  if (done.halts) return {UsbGiven::Kind::halt, std::move(bytes)};
  if (done.bytes.size() % packet() != 0 || done.bytes.empty()) {
    return {UsbGiven::Kind::end, std::move(bytes)};
  }
  end_with_empty_packet(room - bytes.size());
  return {UsbGiven::Kind::data, std::move(bytes)};
}

void DongleFunction::reset() {
  replies_.clear();
  reports_.clear();
  room_left_.reset();
}

std::optional<Clock::time_point> DongleFunction::due() const {
  std::optional<Clock::time_point> first = next_step();
  const auto sooner = [&first, this](Clock::time_point other) {
    if (other > woken_ && (!first || other < *first)) first = other;
  };
  if (!replies_.empty()) sooner(replies_.front().due);
  if (!reports_.empty()) sooner(reports_.front().due);
  return first;
}

void DongleFunction::on_due(Clock::time_point now) {
  woken_ = now;
  if (!leaving_) go_on(now);
}

}  // namespace visa::sim
