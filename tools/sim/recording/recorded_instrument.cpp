// SPDX-License-Identifier: MIT
// A recording has no idea of what a message means, with one exception: SYSTem:ERRor? tells what was
// not recorded before it gives the answers of the recording.
#include "tools/sim/recording/recorded_instrument.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "tools/sim/engine/link.h"

namespace visa::sim {
namespace {

constexpr std::size_t kLongestMessage = std::size_t{16} << 20;
constexpr std::uint8_t kMessageAvailable = 0x10;

/// For an error text: printable, without quotation marks, cut.
std::string cited_message(std::string_view message) {
  constexpr std::size_t kMost = 80;
  std::string text;
  for (const char c : message.substr(0, kMost)) text += c >= ' ' && c <= '~' && c != '"' ? c : '.';
  return message.size() > kMost ? text + "..." : text;
}

/// Whether it is SYSTem:ERRor? or SYSTem:ERRor:NEXT?.
bool asks_for_errors(std::string_view message) {
  std::string text;
  for (const char c : message)
    text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string_view rest = text;
  if (rest.starts_with(':')) rest.remove_prefix(1);
  for (const std::string_view one : {"SYST:ERR?", "SYSTEM:ERROR?", "SYST:ERR:NEXT?",
                                     "SYSTEM:ERROR:NEXT?", "SYST:ERROR?", "SYSTEM:ERR?"}) {
    if (rest == one) return true;
  }
  return false;
}

}  // namespace

RecordedInstrument::RecordedInstrument(std::shared_ptr<const Recording> recording)
    : recording_(std::move(recording)) {
  for (const RecordedExchange& exchange : recording_->exchanges) {
    const std::string_view message = exchange.message;
    const std::string key =
        key_of(exchange.kind, message.substr(0, exchange.secret.value_or(message.size())));
    Times& times = times_[key];
    if (exchange.secret && times.exchanges.empty()) {
      secrets_.emplace_back(message.substr(0, *exchange.secret), key);
    }
    times.exchanges.push_back(&exchange);
  }
}

std::string RecordedInstrument::key_of(RecordedExchange::Kind kind, std::string_view message) {
  switch (kind) {
    case RecordedExchange::Kind::trigger:
      return "trigger";
    case RecordedExchange::Kind::clear:
      return "clear";
    case RecordedExchange::Kind::message:
      break;
  }
  return "> " + std::string(message);
}

Framing RecordedInstrument::framing() const {
  Framing framing;
  framing.limit = kLongestMessage;
  framing.terminator = recording_->terminator;
  return framing;
}

RecordedInstrument::Times* RecordedInstrument::find(std::string_view message) {
  const auto found = times_.find(key_of(RecordedExchange::Kind::message, message));
  if (found != times_.end()) return &found->second;
  for (const auto& [begin, key] : secrets_) {
    if (message.starts_with(begin)) return &times_.find(key)->second;
  }
  return nullptr;
}

void RecordedInstrument::execute(Link& link, std::string_view whole) {
  std::string_view message = whole;
  if (message.ends_with(recording_->terminator)) message.remove_suffix(1);
  message = without_line_end(message);
  if (answer_error(link, message)) return;
  if (Times* const times = find(message)) {
    play(link, *times);
  } else if (!message.empty()) {
    miss(link, message);
  }
}

void RecordedInstrument::play(Link& link, Times& times) {
  const RecordedExchange& exchange =
      *times.exchanges[std::min(times.next, times.exchanges.size() - 1)];
  if (times.next < times.exchanges.size()) ++times.next;
  seen_[&link] = {&exchange, 0};
  if (!exchange.answers.empty()) link.delay(exchange.delay);
  for (const SharedBytes& answer : exchange.answers) {
    link.answer(answer);
    link.end_answer();
  }
  const auto now = Clock::now();
  for (const auto after : exchange.service_requests) requests_.push_back({now + after, &link});
}

void RecordedInstrument::miss(Link& link, std::string_view what) {
  seen_[&link] = {};
  const std::string cited = cited_message(what);
  remark("not in the recording: '" + cited + "'");
  const std::string error = "-113,\"Undefined header;not in the recording: " + cited + "\"";
  if (what.find('?') != std::string_view::npos) {
    link.answer(error + "\n");
    link.end_answer();
  } else if (errors_.size() < kMostErrors) {
    errors_.push_back(error);
  }
}

bool RecordedInstrument::answer_error(Link& link, std::string_view message) {
  if (errors_.empty() || !asks_for_errors(message)) return false;
  link.answer(errors_.front() + "\n");
  link.end_answer();
  errors_.pop_front();
  return true;
}

void RecordedInstrument::refuse_long_message(Link& link) {
  miss(link, "a message of more than 16777216 bytes");
}

// Programs clear instruments at will, and drivers for their own reasons: no recording is needed.
void RecordedInstrument::device_clear(Link& link) {
  seen_[&link] = {};
  std::erase_if(requests_, [&link](const Request& one) { return one.link == &link; });
  link.withdraw_request();
  const auto found = times_.find(key_of(RecordedExchange::Kind::clear, {}));
  if (found != times_.end()) play(link, found->second);
}

void RecordedInstrument::trigger(Link& link) {
  const auto found = times_.find(key_of(RecordedExchange::Kind::trigger, {}));
  if (found != times_.end()) {
    play(link, found->second);
  } else {
    miss(link, "a trigger");
  }
}

std::uint8_t RecordedInstrument::status_byte(const Link& link) const {
  return link.message_available() ? kMessageAvailable : std::uint8_t{0};
}

// The last poll after a message is what further ones see: a program that waits for a bit sees it.
std::uint8_t RecordedInstrument::poll_status(Link& link) {
  const auto found = seen_.find(&link);
  if (found == seen_.end() || found->second.exchange == nullptr) return status_byte(link);
  Seen& seen = found->second;
  const auto& status = seen.exchange->status;
  if (status.empty()) return status_byte(link);
  const std::uint8_t byte = status[std::min(seen.polls, status.size() - 1)];
  ++seen.polls;
  return byte;
}

std::optional<Clock::time_point> RecordedInstrument::due() const {
  if (requests_.empty()) return std::nullopt;
  return std::min_element(requests_.begin(), requests_.end(),
                          [](const Request& a, const Request& b) { return a.due < b.due; })
      ->due;
}

void RecordedInstrument::on_due(Clock::time_point now) {
  std::vector<Link*> links;
  std::erase_if(requests_, [&](const Request& one) {
    if (one.due > now) return false;
    links.push_back(one.link);
    return true;
  });
  for (Link* const link : links) link->request_service();
}

void RecordedInstrument::detach(Link& link) noexcept {
  Instrument::detach(link);
  seen_.erase(&link);
  std::erase_if(requests_, [&link](const Request& one) { return one.link == &link; });
}

}  // namespace visa::sim
