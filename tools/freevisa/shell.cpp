// SPDX-License-Identifier: MIT
// A command with a '?' is asked, any other is sent. After an answer that did not come the
// instrument is cleared, so that a late one is not taken for the next.
#include "tools/freevisa/shell.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>

#include "tools/freevisa/answer_text.h"
#include "tools/freevisa/completion.h"
#include "tools/freevisa/pause.h"
#include "tools/freevisa/progress.h"
#include "tools/freevisa/terminal.h"

namespace visa::tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kHelp[] =
    R"(  COMMAND                     send it; with a '?' print the answer, too
  .open NAME                  another instrument
  .list                       names and aliases of the configuration
  .read                       what the instrument sends by itself
  .repeat N [SECONDS] COMMAND N times, every SECONDS; Ctrl-C ends it
  .timing [on|off]            how long each answer takes
  .timeout MS                 for each operation
  .clear                      viClear: give up what is under way
  .status                     the status byte, bit by bit
  .errors                     all errors that the instrument remembers
  .help                       this
  .quit                       leave (Ctrl-D)
)";

constexpr std::string_view kOwn[] = {".clear", ".errors", ".help",   ".list",    ".open",  ".quit",
                                     ".read",  ".repeat", ".status", ".timeout", ".timing"};

constexpr std::size_t kShownBytes = 64;
constexpr int kMostErrors = 100;
constexpr double kLongestInterval = 86400;

std::pair<std::string, std::string> first_word(const std::string& text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = std::min(text.find_first_of(" \t", begin), text.size());
  const std::size_t rest = std::min(text.find_first_not_of(" \t", end), text.size());
  return {text.substr(begin, end - begin), text.substr(rest)};
}

template <class Number>
std::optional<Number> number_in(const std::string& text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, number);
  if (code != std::errc() || stop != end) return std::nullopt;
  return number;
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string time_text(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), seconds < 1 ? "%.1f ms" : "%.2f s",
                seconds < 1 ? seconds * 1000 : seconds);
  return text.data();
}

}  // namespace

std::string_view shell_help() noexcept {
  return kHelp;
}

Shell::Shell(const Session& manager, std::uint32_t timeout, std::function<bool()> interrupted)
    : manager_(manager), timeout_(timeout), interrupted_(std::move(interrupted)) {}

void Shell::open(const std::string& name) {
  Instrument opened(manager_, name, timeout_);
  instrument_.emplace(std::move(opened));
  name_ = name;
}

std::string Shell::prompt() const {
  return (name_.empty() ? "(no instrument)" : name_) + "> ";
}

Instrument& Shell::instrument() {
  if (name_.empty()) throw VisaFailure("no instrument is open: '.open NAME' opens one");
  if (!instrument_) open(std::string(name_));
  return *instrument_;
}

// A late answer is not the next one's. What cannot be cleared is opened again by the next command.
void Shell::give_up() {
  if (instrument_ && !instrument_->clear()) instrument_.reset();
}

template <class Body>
auto Shell::in_step(Body&& body) {
  Instrument& with = instrument();
  try {
    return body(with);
  } catch (const VisaFailure&) {
    give_up();
    throw;
  }
}

void Shell::show(const std::string& answer, double seconds) const {
  const std::string_view data = data_of(answer);
  std::string text;
  if (is_text(data)) {
    text = printable(data.substr(0, data.find_last_not_of("\r\n") + 1), true);
  } else {
    text = "(" + std::to_string(data.size()) +
           " bytes of data: " + printable(data.substr(0, kShownBytes)) +
           (data.size() > kShownBytes ? "...)" : ")");
  }
  if (timing_) text += colored(stdout, Color::dim, "  (" + time_text(seconds) + ")");
  std::printf("%s\n", text.c_str());
}

void Shell::exchange(const std::string& command) {
  const Clock::time_point begin = Clock::now();
  const std::string answer = in_step([&command](Instrument& to) {
    Progress progress;
    to.send(command);
    return asks(command) ? to.receive(command, &progress) : std::string();
  });
  if (asks(command)) show(answer, seconds_since(begin));
}

void Shell::repeat(const std::string& arguments) {
  const auto [count_text, after] = first_word(arguments);
  const auto count = number_in<std::uint32_t>(count_text);
  const auto [interval_text, rest] = first_word(after);
  const auto given = number_in<double>(interval_text);
  const double interval = given.value_or(0);
  const std::string command = given ? rest : after;
  if (!count || command.empty() || !(interval >= 0 && interval <= kLongestInterval))
    throw VisaFailure("expected: .repeat N [SECONDS] COMMAND");
  Clock::time_point next = Clock::now();
  for (std::uint32_t i = 0; i < *count && !interrupted_(); ++i) {
    if (i > 0 && !pause_until(next)) break;
    exchange(command);
    next += std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(interval));
  }
}

void Shell::set_timeout(const std::string& text) {
  const auto number = number_in<std::uint32_t>(text);
  if (!number || *number == 0)
    throw VisaFailure("expected: .timeout MS, a number from 1; it is " + std::to_string(timeout_));
  timeout_ = *number;
  if (instrument_)
    check(viSetAttribute(instrument_->session(), VI_ATTR_TMO_VALUE, timeout_),
          instrument_->session(), "cannot set the timeout of " + instrument_->name());
}

void Shell::print_errors() {
  for (int i = 0; i < kMostErrors && !interrupted_(); ++i) {
    const std::string error =
        in_step([](Instrument& of) { return of.query_line("SYSTem:ERRor?"); });
    std::printf("%s\n", printable(error).c_str());
    const std::string number = error.substr(0, error.find(','));
    if (number == "0" || number == "+0") return;
  }
}

void Shell::print_status() {
  Instrument& of = instrument();
  ViUInt16 byte = 0;
  const ViStatus status = of.interruptible([&] { return viReadSTB(of.session(), &byte); });
  if (status == VI_ERROR_INV_SETUP) {  // a socket or serial port, where a message asks for it
    const std::string answer = in_step([](Instrument& one) { return one.query_line("*STB?"); });
    byte = number_in<ViUInt16>(answer).value_or(0);
  } else {
    check_interruptible(status, of.session(), "no status byte from " + of.name());
  }
  constexpr std::array<const char*, 8> kBits = {"",
                                                "",
                                                "error queue",
                                                "questionable",
                                                "message available (MAV)",
                                                "standard event (ESB)",
                                                "service request (RQS)",
                                                "operation"};
  std::printf("%u (0x%02X)\n", static_cast<unsigned>(byte & 0xFF),
              static_cast<unsigned>(byte & 0xFF));
  for (std::size_t bit = 0; bit < kBits.size(); ++bit)
    if ((byte >> bit & 1) != 0) std::printf("  bit %zu  %s\n", bit, kBits.at(bit));
}

bool Shell::run_own(const std::string& name, const std::string& arguments) {
  if (name == ".quit" || name == ".exit") return false;
  if (name == ".help") {
    std::fputs(kHelp, stdout);
  } else if (name == ".open") {
    if (arguments.empty()) throw VisaFailure("expected: .open NAME");
    open(arguments);
  } else if (name == ".list") {
    for (const std::string& one : configured_instruments()) std::printf("%s\n", one.c_str());
  } else if (name == ".read") {
    const Clock::time_point begin = Clock::now();
    const std::string message = in_step([](Instrument& from) { return from.receive(""); });
    show(message, seconds_since(begin));
  } else if (name == ".repeat") {
    repeat(arguments);
  } else if (name == ".timing") {
    if (!arguments.empty() && arguments != "on" && arguments != "off")
      throw VisaFailure("expected: .timing on, .timing off, or .timing alone to change it");
    timing_ = arguments.empty() ? !timing_ : arguments == "on";
  } else if (name == ".timeout") {
    set_timeout(arguments);
  } else if (name == ".clear") {
    Instrument& to = instrument();
    const ViStatus status = to.interruptible([&] { return viClear(to.session()); });
    check_interruptible(status, to.session(), "cannot clear " + to.name());
  } else if (name == ".status") {
    print_status();
  } else if (name == ".errors") {
    print_errors();
  } else {
    throw VisaFailure("unknown command " + name + hint(name, kOwn) + "\n  '.help' shows all");
  }
  return true;
}

bool Shell::run(const std::string& line) {
  const auto [word, rest] = first_word(line);
  if (word.empty() || word.front() == '#') return true;
  if (word.front() == '.') return run_own(word, rest.substr(0, rest.find_last_not_of(" \t") + 1));
  exchange(line.substr(line.find_first_not_of(" \t")));
  return true;
}

std::vector<std::string> Shell::complete(std::string_view before) const {
  const auto [word, rest] = first_word(std::string(before));
  const std::size_t space = before.find_last_of(" \t");
  const std::string_view typed =
      space == std::string_view::npos ? before : before.substr(space + 1);
  std::vector<std::string> words;
  if (typed == before && typed.starts_with('.')) {
    words.assign(std::begin(kOwn), std::end(kOwn));
  } else if (word == ".open") {
    words = configured_instruments();
  } else if (word == ".timing") {
    words = {"on", "off"};
  } else if (typed == before || word == ".repeat") {
    for (const std::string_view one : common_commands()) words.emplace_back(one);
  }
  words.erase(
      std::remove_if(words.begin(), words.end(),
                     [typed](const std::string& one) { return !command_begins_with(one, typed); }),
      words.end());
  return words;
}

}  // namespace visa::tool
