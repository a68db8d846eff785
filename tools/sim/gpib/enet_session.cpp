// SPDX-License-Identifier: MIT
// Invariant: the session has the bus while busy(). A read goes to END or to its time, whatever the
// client has room for; data come in chunks between two statuses.
#include "tools/sim/gpib/enet_session.h"

#include <algorithm>
#include <utility>

#include "tools/sim/gpib/gpib_faults.h"

namespace visa::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Data in one chunk, as it may come in one Ethernet frame.
constexpr std::size_t kChunk = 1456;

/// NI's timeouts: 1 is 10 us, 2 is 30 us, then powers of ten and three times those; 0 is none.
Clock::duration time_of(std::uint8_t code) {
  constexpr std::uint8_t kLongest = 17;
  if (code == 0 || code > kLongest) return std::chrono::hours(1);
  microseconds time{code % 2 == 1 ? 10 : 30};
  for (int step = (code - 1) / 2; step > 0; --step) time *= 10;
  return time;
}

std::optional<GpibPlace> place_in(std::string_view frame) {
  constexpr std::uint32_t kSecondary = 0x60;
  constexpr std::uint32_t kMost = 30;
  const std::uint32_t primary = enet_number(frame, 4, 1);
  const std::uint32_t secondary = enet_number(frame, 5, 1);
  if (primary > kMost) return std::nullopt;
  std::optional<GpibPlace> place(std::in_place);
  place->primary = static_cast<std::uint8_t>(primary);
  if (secondary == 0) return place;
  if (secondary < kSecondary || secondary > kSecondary + kMost) return std::nullopt;
  place->secondary = static_cast<std::uint8_t>(secondary - kSecondary);
  return place;
}

}  // namespace

const std::array<EnetSession::Request, 10> EnetSession::kRequests{{
    {0x04, &EnetSession::clear, true},
    {0x07, &EnetSession::name, false},
    {0x10, &EnetSession::go_to_local, true},
    {0x16, &EnetSession::read, true},
    {0x19, &EnetSession::poll, true},
    {0x20, &EnetSession::trigger, true},
    {0x4E, &EnetSession::set, false},
    {0x50, &EnetSession::set, false},
    {0x58, &EnetSession::set, false},
    {0x62, &EnetSession::write, true},
}};

EnetSession::EnetSession(EnetBox& box, std::uint16_t port, Carrier& carrier)
    : box_(box), port_(port), carrier_(carrier) {
  box_.join(*this);
}

EnetSession::~EnetSession() {
  box_.leave(*this);
}

void EnetSession::receive(std::string_view bytes) {
  input_.append(bytes);
  work();
}

void EnetSession::go_on(Clock::time_point now) {
  paced_.release(now);
  if (later_ && later_->at <= now) {
    const std::string payload = std::exchange(later_, std::nullopt)->payload;
    answer(payload);
  }
  if (reading_ && read_on(now)) reading_.reset();
  if (!busy()) box_.give_bus(*this);
  work();
}

std::optional<Clock::time_point> EnetSession::due() const {
  std::optional<Clock::time_point> earliest = paced_.due();
  const auto consider = [&](Clock::time_point one) {
    if (!earliest || one < *earliest) earliest = one;
  };
  if (later_) consider(later_->at);
  if (reading_ && paced_.ready().size() <= kMostOutput) consider(reading_->until);
  return earliest;
}

void EnetSession::work() {
  while (!ending() && step()) {
  }
}

/// One request, or what has come of the data of a write; false if there is nothing to do.
bool EnetSession::step() {
  if (reading_ || later_) return false;
  if (writing_) {
    if (input_.empty() && writing_->left > 0) return false;
    take_data();
  } else {
    if (input_.size() < kEnetFrame) return false;
    const auto operation = static_cast<std::uint8_t>(input_.front());
    const auto* const request =
        std::find_if(kRequests.begin(), kRequests.end(),
                     [operation](const Request& one) { return one.operation == operation; });
    const bool known = request != kRequests.end();
    if (known && request->uses_bus && !box_.take_bus(*this)) return false;
    const std::string frame = input_.substr(0, kEnetFrame);
    input_.erase(0, kEnetFrame);
    reply_ = GpibReply(station(), kGpibQuestion);
    if (known) {
      (this->*request->act)(frame);
    } else {
      box_.count_unknown();
      answer(enet_failure(EnetFailure::argument));
    }
  }
  if (!busy()) box_.give_bus(*this);
  return true;
}

void EnetSession::send(const std::string& chunk, bool last) {
  reply_.send(chunk, last, paced_);
  carrier_.on_adapter_changed();
}

void EnetSession::answer(std::string payload, Clock::time_point when) {
  if (when > Clock::now()) {
    later_ = Later{std::move(payload), when};
    carrier_.on_adapter_changed();
  } else {
    send(enet_chunk(payload), true);
  }
}

GpibStation* EnetSession::present(const WireOperation& operation) {
  GpibStation* const found = station();
  reply_ = GpibReply(found, operation);
  const Fault* const fault = meet_gpib_fault(found, FaultPoint::call, operation);
  return fault != nullptr && fault->kind == &kGpibAbsentFault ? nullptr : found;
}

void EnetSession::name(std::string_view frame) {
  if (enet_number(frame, 1, 1) == 2) {
    const auto place = place_in(frame);
    if (!place) return answer(enet_failure(EnetFailure::argument));
    place_ = place;
  }
  timeout_code_ = static_cast<std::uint8_t>(frame[8]);
  answer(enet_status(0));
}

void EnetSession::set(std::string_view frame) {
  if (frame[0] == 0x50 && frame[1] == 0x03) timeout_code_ = static_cast<std::uint8_t>(frame[2]);
  answer(enet_status(0));
}

void EnetSession::write(std::string_view frame) {
  Writing writing;
  writing.left = enet_number(frame, 4, 4);
  GpibStation* const found = station();
  reply_ = GpibReply(found, kGpibWrite);
  const Fault* const fault = meet_gpib_fault(found, FaultPoint::call, kGpibWrite);
  if (!place_) {
    writing.refusal = enet_failure(EnetFailure::argument);
  } else if (found == nullptr || (fault != nullptr && fault->kind == &kGpibAbsentFault)) {
    writing.refusal = enet_failure(EnetFailure::no_listener);
  } else if (fault != nullptr && fault->kind == &kGpibStuckFault) {
    writing.refusal = enet_failure(EnetFailure::aborted, kEnetTimedOut);
    writing.answers_at = Clock::now() + time_of(timeout_code_);
  }
  writing_ = std::move(writing);
}

void EnetSession::take_data() {
  Writing& writing = *writing_;
  const std::string_view data = std::string_view(input_).substr(0, writing.left);
  writing.left -= static_cast<std::uint32_t>(data.size());
  GpibStation* const to = writing.refusal.empty() ? station() : nullptr;
  if (to != nullptr && !(data.empty() && writing.taken == 0)) {
    if (to->link().logged()) to->link().log("in", data);
    to->link().receive(data, writing.left == 0);
  }
  writing.taken += static_cast<std::uint32_t>(data.size());
  input_.erase(0, data.size());
  if (writing.left > 0) return;
  const Writing done = std::move(*std::exchange(writing_, std::nullopt));
  answer(done.refusal.empty() ? enet_status(0, done.taken) : done.refusal, done.answers_at);
}

void EnetSession::read(std::string_view frame) {
  if (!place_) return answer(enet_failure(EnetFailure::argument));
  Reading reading;
  reading.station = present(kGpibRead);
  reading.until = Clock::now() + milliseconds(enet_number(frame, 4, 4));
  reading_ = reading;
  send(enet_chunk(enet_status(0)), false);
  if (read_on(Clock::now())) reading_.reset();
}

/// Moves what the device has to say; true when the reading is over.
bool EnetSession::read_on(Clock::time_point now) {
  Reading& reading = *reading_;
  const auto full = [this] { return output().size() > kMostOutput; };
  while (reading.station != nullptr && reading.station->link().message_available() && !full()) {
    Link& link = reading.station->link();
    const auto part = link.read(kChunk);
    if (part.bytes.empty() && !part.end) break;
    if (link.logged()) link.log("out", part.bytes);
    reading.started = true;
    reading.count += static_cast<std::uint32_t>(part.bytes.size());
    if (!part.bytes.empty()) send(enet_chunk(part.bytes), false);
    if (!part.end) continue;
    send(enet_chunk({}, 1), false);
    send(enet_chunk(enet_status(kEnetEnd, reading.count)), true);
    return true;
  }
  if (now < reading.until || full()) return false;
  // The device was made to talk and had nothing to say.
  if (reading.station != nullptr && !reading.started && !reading.station->link().holding()) {
    reading.station->link().read(0);
  }
  send(enet_chunk(enet_failure(EnetFailure::aborted, kEnetTimedOut, reading.count)), true);
  return true;
}

void EnetSession::clear(std::string_view) {
  GpibStation* const device = present(kGpibClear);
  if (box_.bus().stations().empty()) return answer(enet_failure(EnetFailure::nothing_on_bus));
  if (device != nullptr) device->link().device_clear();
  answer(enet_status(0));
}

void EnetSession::trigger(std::string_view) {
  GpibStation* const device = present(kGpibTrigger);
  if (box_.bus().stations().empty()) return answer(enet_failure(EnetFailure::nothing_on_bus));
  if (device != nullptr) device->link().trigger();
  answer(enet_status(0));
}

void EnetSession::go_to_local(std::string_view) {
  answer(enet_status(0));
}

void EnetSession::poll(std::string_view) {
  constexpr char kNothing = '\0';
  if (!place_ || place_->primary == 0) {  // the box itself cannot be polled
    return answer(enet_failure(EnetFailure::argument) + kNothing);
  }
  GpibStation* const device = present(kGpibPoll);
  if (device == nullptr) {
    return answer(enet_failure(EnetFailure::aborted, kEnetTimedOut) + kNothing,
                  Clock::now() + time_of(timeout_code_));
  }
  answer(enet_status(0) + static_cast<char>(device->link().serial_poll()));
}

}  // namespace visa::sim
