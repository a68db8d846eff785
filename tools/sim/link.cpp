// SPDX-License-Identifier: MIT
// IEEE 488.2 6.3: INTERRUPTED, UNTERMINATED and DEADLOCKED. The first two need a wire on which the
// client asks for each answer; on a stream the answer has left when the next message arrives.
#include "tools/sim/link.h"

#include <algorithm>
#include <utility>

namespace visa::sim {

void Instrument::detach(Link& link) noexcept {
  std::erase(links_, &link);
}

Link::Link(Instrument& instrument, Exchange exchange, LinkEvents* events)
    : instrument_(instrument),
      exchange_(exchange),
      events_(events),
      reader_(instrument.framing(), instrument.input_budget()) {
  instrument_.attach(*this);
}

Link::~Link() {
  instrument_.detach(*this);
}

std::size_t Link::receive(std::string_view bytes, bool end) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    if (exchange_ == Exchange::strict && !output_.empty() && !reader_.partial()) {
      output_.clear();
      instrument_.interrupted(*this);
    }
    if (exchange_ == Exchange::stream && output_.size() > kHighWater) {
      break;
    }
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
      instrument_.deadlocked(*this);
    }
  }
  return bytes.size() - rest.size();
}

void Link::answer(std::string_view text) {
  if (deadlocked_ || text.empty()) {
    return;
  }
  output_.append(text);
  if (output_.cost() > kOutputLimit) {
    output_.clear();
    deadlocked_ = true;
  }
}

void Link::answer(SharedBytes block) {
  if (deadlocked_) {
    return;
  }
  output_.append(std::move(block));
  if (output_.cost() > kOutputLimit) {
    output_.clear();
    deadlocked_ = true;
  }
}

void Link::end_answer() {
  if (!deadlocked_) {
    output_.end_message();
  }
}

void Link::discard_unread() {
  if (exchange_ == Exchange::strict) {
    output_.clear();
  }
}

OutputQueue::Part Link::read(std::size_t count) {
  if (output_.empty()) {
    instrument_.unterminated(*this);
    return {};
  }
  return output_.take(count);
}

void Link::device_clear() {
  reader_.clear();
  output_.clear();
  instrument_.device_clear(*this);
}

std::uint8_t Link::serial_poll() {
  unsigned stb = instrument_.status_byte(*this);
  if (std::exchange(request_service_, false)) {
    stb |= 0x40U;
  }
  return static_cast<std::uint8_t>(stb);
}

void Link::request_service() {
  request_service_ = true;
  if (events_ != nullptr) {
    events_->on_service_request();
  }
}

void Link::announce_late_answer() {
  if (events_ != nullptr) {
    events_->on_late_answer();
  }
}

}  // namespace visa::sim
