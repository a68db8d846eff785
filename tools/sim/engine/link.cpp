// SPDX-License-Identifier: MIT
// IEEE 488.2 6.3: INTERRUPTED, UNTERMINATED and DEADLOCKED. The first two need a wire on which the
// client asks for each answer; on a stream the answer has left when the next message arrives.
#include "tools/sim/engine/link.h"

#include <algorithm>
#include <utility>

namespace visa::sim {

std::uint64_t Instrument::attach(Link& link) {
  links_.push_back(&link);
  return ++last_client_;
}

void Instrument::detach(Link& link) noexcept {
  std::erase(links_, &link);
}

void Instrument::faults_changed() {
  for (Link* const link : links_) link->faults_changed();
  for (FaultListener* const listener : fault_listeners_) listener->on_faults_changed();
}

Link::Link(Instrument& instrument, Exchange exchange, LinkEvents* events)
    : instrument_(instrument),
      exchange_(exchange),
      events_(events),
      id_(instrument.attach(*this)),
      reader_(instrument.framing(), instrument.input_budget()) {}

Link::~Link() {
  instrument_.detach(*this);
}

std::size_t Link::receive(std::string_view bytes, bool end) {
  std::string_view rest = bytes;
  bool end_alone = end && bytes.empty() && reader_.partial();
  while (!rest.empty() || std::exchange(end_alone, false)) {
    if (exchange_ == Exchange::strict) interrupt();
    if (exchange_ == Exchange::stream && !accepting()) break;
    const MessageReader::Step step = reader_.next(rest, end);
    switch (step.kind) {
      case MessageReader::Kind::need_more:
        break;
      case MessageReader::Kind::too_long:
        instrument_.refuse_long_message(*this);
        break;
      case MessageReader::Kind::message:
        instrument_.execute(*this, step.text);
        break;
    }
    if (std::exchange(deadlocked_, false)) {
      answering_ = false;
      instrument_.deadlocked(*this);
    }
    if (delay_.count() > 0) {  // no answer has taken it
      paced_.hold({}, Clock::now() + std::exchange(delay_, std::chrono::milliseconds(0)));
    }
  }
  return bytes.size() - rest.size();
}

bool Link::interrupt() {
  if (reader_.partial() || !unread()) return false;
  forget_output();
  instrument_.interrupted(*this);
  if (events_ != nullptr) events_->on_interrupted();
  return true;
}

void Link::note_in_flight(bool in_flight) {
  if (std::exchange(in_flight_, in_flight) != in_flight) instrument_.output_changed(*this);
}

void Link::begin_answer() {
  if (!std::exchange(answering_, true)) answer_begin_ = output().size();
}

bool Link::within_limit() {
  if (output().cost() > kOutputLimit) {
    output().clear();
    deadlocked_ = true;
  }
  return !deadlocked_;
}

void Link::answer(std::string_view text) {
  if (deadlocked_ || text.empty()) return;
  begin_answer();
  output().append(text);
  within_limit();
}

void Link::answer(SharedBytes block) {
  if (deadlocked_) return;
  begin_answer();
  output().append(std::move(block));
  within_limit();
}

void Link::end_answer() {
  if (deadlocked_ || !std::exchange(answering_, false)) return;
  output().end_message();
  if (shaped()) shape(output().split(answer_begin_));
}

void Link::discard_unread() {
  if (exchange_ == Exchange::strict) forget_output();
}

bool Link::unread() const noexcept {
  return in_flight_ || !output().empty() || paced_.holds_bytes() || endless();
}

void Link::forget_output() noexcept {
  paced_.clear();
  endless_.reset();
  answering_ = false;
  in_flight_ = false;
}

OutputQueue::Part Link::read(std::size_t count) {
  refill(std::min(count, kHighWater));
  if (output().empty()) {
    instrument_.unterminated(*this);
    return {};
  }
  return output().take(count);
}

void Link::device_clear() {
  reader_.clear();
  forget_output();
  previous_.reset();
  instrument_.device_clear(*this);
}

void Link::release(Clock::time_point now) {
  if (const auto next = paced_.due(); next && *next <= now) {
    instrument_.output_changed(*this);  // an answer that was there before and has been fetched
    paced_.release(now);
    finish_endless();
    instrument_.output_changed(*this);
  }
}

std::uint8_t Link::serial_poll() {
  instrument_.output_changed(*this);  // what has been fetched since is no reason any more
  unsigned stb = instrument_.poll_status(*this);
  if (std::exchange(request_service_, false)) stb |= 0x40U;
  return static_cast<std::uint8_t>(stb);
}

void Link::request_service() {
  request_service_ = true;
  if (events_ != nullptr) events_->on_service_request();
}

void Link::note_summary(bool rose, bool now) {
  const bool had = std::exchange(had_summary_, now);
  if (rose) request_service();
  if (!now && (had || rose)) withdraw_request();
}

void Link::announce_late_answer() {
  if (events_ != nullptr) events_->on_late_answer();
}

}  // namespace visa::sim
