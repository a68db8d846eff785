// SPDX-License-Identifier: MIT
// Rules, as the tests demand them:
//  1 Input is cut at each LF; END alone does not end a line. But programs that look for instruments
//    ask *IDN? without LF, so END ends that line.
//  2 Command mode, CR, LF and blanks stripped: RECEIVE, SEND, RCVSLOWSRQ, SENDSLOWSRQ, *IDN?; what
//    is none of these, an empty line too, does nothing.
//  3 After RECEIVE or RCVSLOWSRQ the next line is stored with its LF, whatever bytes it has.
//  4 SEND replaces output that is still unread (not on SOCKET, where it is in the network already).
//  7 Device clear drops input, output, mode and the request for service: the tests never poll it,
//    and what is left over would meet the next client that enables requests.
//  8 Each SENDSLOWSRQ requests service, whatever the service request enable register says.
#include "tools/sim/scpi/pyvisa_instrument.h"

#include <memory>

#include "tools/sim/engine/link.h"
#include "tools/sim/scpi/status_model.h"

namespace visa::sim {
namespace {

std::string_view stripped(std::string_view line) noexcept {
  constexpr std::string_view kBlanks = " \r\n";
  const std::size_t first = line.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return line.substr(first, line.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

Framing PyvisaInstrument::framing() const {
  Framing framing;
  framing.definite_blocks = false;
  framing.end_terminates = false;
  framing.complete_with_end = "*IDN?";
  return framing;
}

void PyvisaInstrument::execute(Link& link, std::string_view message) {
  switch (mode_) {
    case Mode::command:
      execute_command(link, stripped(message));
      return;
    case Mode::receive:
      stored_ = std::make_shared<const std::string>(message);
      break;
    case Mode::slow:
      slow_ = std::make_shared<const std::string>(message);
      break;
  }
  mode_ = Mode::command;
  mode_owner_ = nullptr;
}

void PyvisaInstrument::execute_command(Link& link, std::string_view command) {
  if (command == "RECEIVE") {
    mode_ = Mode::receive;
    mode_owner_ = &link;
  } else if (command == "RCVSLOWSRQ") {
    mode_ = Mode::slow;
    mode_owner_ = &link;
  } else if (command == "SEND") {
    send(link, stored_);
  } else if (command == "SENDSLOWSRQ") {
    forget_slow_answer(link);
    slow_answers_.push_back({&link, Clock::now() + kSlowAnswer});
  } else if (command == "*IDN?") {
    link.answer(kIdentity);
    link.end_answer();
  }
}

void PyvisaInstrument::send(Link& link, const SharedBytes& data) {
  link.discard_unread();
  link.answer(data);
  link.end_answer();
}

// The line that was too long is gone, and with it the wait for it.
void PyvisaInstrument::refuse_long_message(Link&) {
  mode_ = Mode::command;
  mode_owner_ = nullptr;
}

void PyvisaInstrument::device_clear(Link& link) {
  mode_ = Mode::command;
  mode_owner_ = nullptr;
  forget_slow_answer(link);
  link.withdraw_request();
}

std::uint8_t PyvisaInstrument::status_byte(const Link& link) const {
  return link.message_available() ? kStbMessageAvailable : 0;
}

std::optional<Clock::time_point> PyvisaInstrument::due() const {
  return slow_answers_.empty() ? std::nullopt : std::optional(slow_answers_.front().due);
}

void PyvisaInstrument::on_due(Clock::time_point now) {
  while (!slow_answers_.empty() && slow_answers_.front().due <= now) {
    Link& link = *slow_answers_.front().link;
    slow_answers_.erase(slow_answers_.begin());
    send(link, slow_);
    link.announce_late_answer();
    link.request_service();
  }
}

void PyvisaInstrument::forget_slow_answer(const Link& link) noexcept {
  std::erase_if(slow_answers_, [&link](const SlowAnswer& slow) { return slow.link == &link; });
}

// On SOCKET no device clear reaches the instrument: a client that goes away in the middle of
// RECEIVE must not leave the next one's first command to be stored.
void PyvisaInstrument::detach(Link& link) noexcept {
  Instrument::detach(link);
  if (mode_owner_ == &link) {
    mode_ = Mode::command;
    mode_owner_ = nullptr;
  }
  forget_slow_answer(link);
}

}  // namespace visa::sim
