// SPDX-License-Identifier: MIT
// freevisa watch: a reading again and again. On a terminal one line that is written over; in a pipe
// CSV. Readings are due at fixed times, so that slow answers do not shift the rest.
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/environment.h"
#include "tools/freevisa/exchange.h"
#include "tools/freevisa/interruption.h"
#include "tools/freevisa/json_text.h"
#include "tools/freevisa/pause.h"
#include "tools/freevisa/reading.h"
#include "tools/freevisa/terminal.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--interval",
     .letter = "-n",
     .value = "SECONDS",
     .help = "from one reading to the next, 1 if left out; 0: as fast as the instrument answers"},
    {.name = "--count",
     .letter = "-c",
     .value = "N",
     .help = "end after N readings; otherwise Ctrl-C ends",
     .number = Number{1, 4000000000U, 1}},
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening and for each answer, 5000 if left out",
     .number = Number{1, 4000000000U, 5000}},
    {.name = "--csv",
     .value = "FILE",
     .help = "also write the readings to FILE, a line at once; '-' is standard output"},
    {.name = "--json", .help = "a JSON object a line instead: time, value, answer or error"},
};

constexpr char kAbout[] =
    R"(Asks QUERY once a second and shows the number in the answer. On a terminal in one line with a curve
of the last readings, their number, least, most and mean, and at the end the standard deviation; in
a pipe as CSV: time (UTC) and value, which stays empty for an answer without a number.

A reading that fails is told and the next one tried; an instrument that was away is opened again.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa watch dmm 'READ?'
  freevisa watch --interval 0.1 --count 100 dmm 'MEASure:VOLTage:DC?' > readings.csv

Exit codes: 0 done, or ended by Ctrl-C, 1 an error and no reading at all, 2 wrong usage.
)";

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostShown = 512;
constexpr double kLongestInterval = 86400;

double interval_of(const CommandLine& line) {
  const std::string text = line.value("--interval").value_or("1");
  double seconds = 0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc() || stop != text.data() + text.size() ||
      !(seconds >= 0 && seconds <= kLongestInterval))
    throw UsageError{"option --interval takes seconds from 0 to 86400, not '" + text + "'"};
  return seconds;
}

// "2026-11-30T21:05:07.123Z".
std::string time_text() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, now.tv_nsec / 1000000);
  return text.data();
}

bool terminal_has_unicode() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const auto value = environment(name))
      return value->find("UTF-8") != std::string::npos || value->find("utf8") != std::string::npos;
  return false;
}

struct Reading {
  std::string time;
  std::string answer;
  std::optional<double> value;
  std::string error;
};

// Where readings go besides the terminal.
class Output {
 public:
  explicit Output(const CommandLine& line)
      : json_(line.has("--json")), shows_(!json_ && is_terminal(stdout)) {
    const std::string file = line.value("--csv").value_or(shows_ || json_ ? "" : "-");
    if (file == "-") shows_ = false;
    if (!file.empty()) csv_ = file == "-" ? stdout : std::fopen(file.c_str(), "we");
    if (!file.empty() && csv_ == nullptr) throw output_failure(file, errno);
    csv_name_ = csv_ == stdout ? "to standard output" : file;
  }
  ~Output() {
    if (drawn_) std::fputs("\n", stdout);
    if (csv_ != nullptr && csv_ != stdout) std::fclose(csv_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  bool shows() const noexcept { return shows_; }
  void write(const Reading& reading) {
    if (csv_ != nullptr) {
      std::fprintf(csv_, "%s%s,%s\n", std::exchange(head_, ""), reading.time.c_str(),
                   reading.value ? number_text(*reading.value).c_str() : "");
      flush(csv_, csv_name_);
    }
    if (!json_) return;
    JsonObject object;
    object.text("time", reading.time);
    if (reading.value) object.number("value", *reading.value);
    if (!reading.error.empty()) {
      object.text("error", reading.error);
    } else if (!reading.value) {
      object.text("answer", reading.answer);
    }
    std::puts(object.str().c_str());
    flush(stdout, "to standard output");
  }
  void draw(const std::string& line) {
    std::printf("\r%s\x1b[K", line.c_str());
    std::fflush(stdout);
    drawn_ = true;
  }
  // Above the line that is written over.
  void note(const std::string& text) {
    if (drawn_) std::fputs("\r\x1b[K", stdout);
    std::fflush(stdout);
    std::fprintf(stderr, "%s\n", text.c_str());
  }

 private:
  // Readings that nobody gets are not worth taking.
  static void flush(std::FILE* stream, const std::string& name) {
    errno = 0;
    if (std::fflush(stream) != 0 || std::ferror(stream) != 0) throw output_failure(name, errno);
  }

  bool json_;
  bool shows_;
  bool drawn_ = false;
  std::FILE* csv_ = nullptr;
  std::string csv_name_;
  const char* head_ = "time,value\n";
};

std::string short_number(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.8g", number);
  return text.data();
}

// The line as wide as the terminal at most; the curve takes what is left.
std::string line_of(const Reading& reading, const Statistics& all, const std::deque<double>& last,
                    bool unicode) {
  const std::string value = reading.value           ? number_text(*reading.value)
                            : reading.error.empty() ? printable(reading.answer)
                                                    : "no answer";
  std::string facts;
  if (all.count() > 0)
    facts = "  min " + short_number(all.least()) + "  max " + short_number(all.most()) + "  mean " +
            short_number(all.mean()) + "  n " + std::to_string(all.count());
  const auto width = static_cast<std::size_t>(terminal_width(stdout));
  const std::size_t used = value.size() + facts.size() + 3;
  const std::size_t room = width > used ? std::min(width - used, std::size_t{60}) : 0;
  const std::string curve = colored(stdout, Color::green, sparkline(last, room, unicode));
  if (width <= used) return (value + facts).substr(0, width - 1);
  return colored(stdout, Color::bold, value) + "  " + curve + facts;
}

class Watcher {
 public:
  Watcher(const CommandLine& line, const Session& manager)
      : manager_(manager),
        name_(line.operands()[0]),
        query_(line.operands()[1]),
        timeout_(line.number("--timeout")),
        output_(line) {
    open();
  }

  void read() {
    Reading reading;
    try {
      if (!instrument_) open();
      reading.answer = instrument_->query_line(query_);
      reading.value = number_of(reading.answer);
    } catch (const Interrupted&) {
      return;  // the user ended the reading, it did not fail
    } catch (const VisaFailure& failure) {
      reading.error = failure.text.substr(0, failure.text.find('\n'));
      output_.note(time_text() + " " + reading.error);
      // A late answer is not the next reading's; what cannot be cleared is opened again.
      if (instrument_ && !instrument_->clear()) instrument_.reset();
    }
    reading.time = time_text();
    (reading.error.empty() ? answered_ : failed_) = true;
    if (reading.value) {
      all_.add(*reading.value);
      last_.push_back(*reading.value);
      if (last_.size() > kMostShown) last_.pop_front();
    }
    output_.write(reading);
    if (output_.shows()) output_.draw(line_of(reading, all_, last_, unicode_));
  }

  // What the last line of a terminal still lacks.
  void finish() {
    if (output_.shows() && all_.count() > 1)
      output_.draw(std::to_string(all_.count()) + " readings  min " + short_number(all_.least()) +
                   "  max " + short_number(all_.most()) + "  mean " + short_number(all_.mean()) +
                   "  deviation " + short_number(all_.deviation()));
  }
  /// Readings failed, and none came.
  bool failed() const noexcept { return failed_ && !answered_; }

 private:
  void open() { instrument_.emplace(manager_, name_, timeout_); }

  const Session& manager_;
  std::string name_;
  std::string query_;
  std::uint32_t timeout_;
  Output output_;
  std::optional<Instrument> instrument_;
  Statistics all_;
  std::deque<double> last_;
  bool unicode_ = terminal_has_unicode();
  bool answered_ = false;
  bool failed_ = false;
};

int run(const CommandLine& line) {
  const std::chrono::duration<double> interval(interval_of(line));
  const bool bounded = line.has("--count");
  const std::uint32_t count = line.number("--count");
  const Session manager = open_manager();
  catch_interrupts();
  Watcher watcher(line, manager);
  Clock::time_point next = Clock::now();
  for (std::uint32_t done = 0; !bounded || done < count;) {
    watcher.read();
    if (bounded && ++done == count) break;
    next += std::chrono::duration_cast<Clock::duration>(interval);
    next = std::max(next, Clock::now());  // what is late is not made up for
    if (!pause_until(next)) break;
  }
  take_interrupt();  // is how a user ends it
  watcher.finish();
  return watcher.failed() ? kFailed : kDone;
}

constexpr Command kCommand = {.name = "watch",
                              .topic = Topic::measure,
                              .summary = "show a reading again and again, with statistics",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "NAME QUERY",
                              .least = 2,
                              .most = 2,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& watch_command() {
  return kCommand;
}

}  // namespace visa::tool
