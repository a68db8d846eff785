// SPDX-License-Identifier: MIT
// The forms are those of lib/base/log.cpp (the beginning), lib/abi/trace.cpp and args.cpp (calls),
// and lib/core/wire_trace.cpp (the wire). Nothing is looked for beyond the end of the line, and
// no number is taken on trust.
#include "tools/freevisa/trace/trace_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace visa::tool {
namespace {

using std::string_view;

/// Takes `count` figures off the front of `text`.
std::optional<int> take_figures(string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take(string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// A number of any length.
template <class Number>
std::optional<Number> take_number(string_view& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// Days since 1970 of a date of the Gregorian calendar.
std::int64_t days_of(int year, int month, int day) {
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t in_era = y - era * 400;
  const std::int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

/// "2026-11-30T21:05:28.123456Z", without what follows it.
std::optional<std::int64_t> take_time(string_view& text) {
  std::array<int, 6> part{};
  constexpr string_view kAfter = "--T::.";
  for (std::size_t i = 0; i < part.size(); ++i) {
    const auto number = take_figures(text, i == 0 ? 4 : 2);
    if (!number || !take(text, kAfter[i])) return std::nullopt;
    part[i] = *number;
  }
  const auto micro = take_figures(text, 6);
  if (!micro || !take(text, 'Z') || part[1] < 1 || part[1] > 12) return std::nullopt;
  const std::int64_t seconds =
      ((days_of(part[0], part[1], part[2]) * 24 + part[3]) * 60 + part[4]) * 60 + part[5];
  return seconds * 1000000 + *micro;
}

/// Where a value ends: at the comma after it, outside of quotation marks.
std::size_t value_end(string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == ',') {
      return i;
    }
  }
  return text.size();
}

bool is_word(string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// Whether all of `text` is "name=value, name=value".
bool are_arguments(string_view text) {
  while (!text.empty()) {
    const auto equals = text.find('=');
    if (equals == string_view::npos || !is_word(text.substr(0, equals))) return false;
    const auto end = value_end(text.substr(equals + 1));
    text.remove_prefix(equals + 1 + end);
    if (text.empty()) return true;
    if (!text.starts_with(", ")) return false;
    text.remove_prefix(2);
  }
  return false;
}

void read_call(string_view text, TraceLine& line) {
  const auto open = text.find('(');
  if (open == string_view::npos || !text.ends_with(')') || !is_word(text.substr(0, open))) return;
  line.kind = TraceLine::Kind::call;
  line.function = text.substr(0, open);
  line.arguments = parse_trace_arguments(text.substr(open + 1, text.size() - open - 2));
}

/// "viRead = VI_ERROR_TMO: why; retCnt=0 [1.234 ms]".
void read_result(string_view text, TraceLine& line) {
  const auto equals = text.find(" = ");
  const auto bracket = text.rfind(" [");
  if (equals == string_view::npos || bracket == string_view::npos || bracket < equals ||
      !text.ends_with(" ms]") || !is_word(text.substr(0, equals))) {
    return;
  }
  line.kind = TraceLine::Kind::result;
  line.function = text.substr(0, equals);
  line.milliseconds = std::strtod(std::string(text.substr(bracket + 2)).c_str(), nullptr);
  text = text.substr(equals + 3, bracket - equals - 3);
  const auto end = std::min(text.find_first_of(": "), text.size());
  line.status = text.substr(0, end);
  const bool explained = text.substr(end).starts_with(": ");
  string_view rest = text.substr(std::min(end + (explained ? 2 : 1), text.size()));
  if (!explained) {
    line.arguments = parse_trace_arguments(rest);
    return;
  }
  constexpr int kMostClauses = 100;  // of a reason; each is looked at up to the end of the line
  int clauses = 0;
  for (auto at = rest.find("; "); at != string_view::npos && clauses < kMostClauses;
       at = rest.find("; ", at + 1), ++clauses) {
    if (!are_arguments(rest.substr(at + 2))) continue;
    line.arguments = parse_trace_arguments(rest.substr(at + 2));
    rest = rest.substr(0, at);
    break;
  }
  line.detail = rest;
}

constexpr string_view kOperations[] = {
    "write",         "read",           "stb",          "clear", "trigger", "enable event",
    "disable event", "discard input",  "event",        "ren",   "lock",    "unlock",
    "open",          "discard output", "flush output", "close"};

int figure(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Takes a byte in two figures, or in two asterisks where it is hidden.
bool take_byte(string_view& text, WireOperation& wire) {
  if (text.size() < 2) return false;
  const bool hidden = text.starts_with("**");
  const int high = figure(text[0]);
  const int low = figure(text[1]);
  if (!hidden && (high < 0 || low < 0)) return false;
  wire.data += hidden ? '*' : static_cast<char>(high * 16 + low);
  if (hidden) wire.hidden.resize(wire.data.size() - 1, '\0');
  if (hidden) wire.hidden += '\1';
  text.remove_prefix(2);
  return true;
}

/// " 2A 49 "*I"...": the beginning of the data, twice.
void take_beginning(string_view& text, WireOperation& wire) {
  constexpr std::size_t kMost = 64;
  string_view rest = text;
  while (wire.data.size() < std::min(wire.size, kMost) && take(rest, ' ')) {
    if (!take_byte(rest, wire)) break;
    text = rest;
  }
  const std::size_t shown = wire.data.size() + 3;  // a blank and quotation marks
  if (wire.data.empty() || text.size() < shown || !text.starts_with(" \"")) return;
  text.remove_prefix(shown);
  if (text.starts_with("...")) text.remove_prefix(3);
}

/// What follows the direction: "write 6 bytes 2A ... "*IDN?." END VI_ERROR_TMO (0.000034 s)".
bool read_operation(string_view text, WireOperation& wire) {
  const auto open = text.rfind(" (");
  if (open == string_view::npos || !text.ends_with(" s)")) return false;
  const std::string times(text.substr(open + 2));  // "0.000034 s)", or "0.000034 s, 0.000061 s)"
  const auto comma = times.find(", ");
  const double seconds = std::strtod(times.c_str(), nullptr);
  const double ago =
      comma == std::string::npos ? seconds : std::strtod(times.c_str() + comma + 2, nullptr);
  if (!(seconds >= 0 && seconds < 1e9 && ago >= 0 && ago < 1e9)) return false;
  wire.took = static_cast<std::int64_t>(seconds * 1e6 + 0.5);
  wire.began = wire.time - static_cast<std::int64_t>(ago * 1e6 + 0.5);
  text = text.substr(0, open);
  for (const string_view name : kOperations) {
    if (text.starts_with(name) && (text.size() == name.size() || text[name.size()] == ' ')) {
      wire.name = name;
      break;
    }
  }
  if (wire.name.empty()) return false;
  text.remove_prefix(wire.name.size());
  string_view rest = text;
  if (take(rest, ' ')) {
    const auto size = take_number<std::size_t>(rest);
    if (size && rest.starts_with(" bytes")) {
      wire.size = *size;
      text = rest.substr(6);
      take_beginning(text, wire);
    }
  }
  take(text, ' ');
  const auto status = text.rfind("VI_");
  const bool unknown = text.ends_with("unknown status");
  if (unknown || (status != string_view::npos && is_word(text.substr(status)))) {
    const std::size_t at = unknown ? text.size() - 14 : status;
    wire.status = text.substr(at);
    text = text.substr(0, at);
  }
  while (text.ends_with(' ')) text.remove_suffix(1);
  wire.mark = text;
  return true;
}

/// "TCPIP0::scope::5025::SOCKET > write ..." or "... #3 + 2A49".
void read_wire(string_view text, TraceLine& line) {
  std::size_t at = string_view::npos;
  for (const string_view mark : {" > ", " < ", " + ", "   "}) at = std::min(at, text.find(mark));
  if (at == string_view::npos) return;
  WireOperation wire;
  wire.time = line.time;
  wire.resource = text.substr(0, at);
  const auto number = wire.resource.rfind(" #");
  if (number != std::string::npos) {
    string_view figures = string_view(wire.resource).substr(number + 2);
    const auto channel = take_number<unsigned>(figures);
    if (!channel || !figures.empty()) return;
    wire.channel = *channel;
    wire.resource.resize(number);
  }
  wire.direction = text[at + 1];
  text.remove_prefix(at + 3);
  if (wire.direction == '+') {
    wire.data.reserve(text.size() / 2);
    while (take_byte(text, wire)) {
    }
    if (!text.empty()) return;
    line.kind = TraceLine::Kind::data;
  } else if (read_operation(text, wire)) {
    line.kind = TraceLine::Kind::wire;
  } else {
    return;
  }
  line.wire = std::move(wire);
}

}  // namespace

std::vector<TraceArgument> parse_trace_arguments(string_view text) {
  std::vector<TraceArgument> arguments;
  while (!text.empty()) {
    const auto equals = text.find('=');
    if (equals == string_view::npos) break;
    const auto end = value_end(text.substr(equals + 1));
    arguments.push_back(
        {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1, end))});
    text.remove_prefix(equals + 1 + end);
    while (text.starts_with(',') || text.starts_with(' ')) text.remove_prefix(1);
  }
  return arguments;
}

std::optional<TraceLine> parse_trace_line(string_view text) {
  TraceLine line;
  const auto time = take_time(text);
  if (!time || !take(text, ' ')) return std::nullopt;
  line.time = *time;
  const auto process = take_number<long>(text);
  if (!process || !take(text, '/')) return std::nullopt;
  const auto thread = take_number<long>(text);
  if (!thread || !take(text, ' ')) return std::nullopt;
  line.process = *process;
  line.thread = *thread;
  if (text.starts_with("> ")) {
    read_call(text.substr(2), line);
  } else if (text.starts_with("< ")) {
    read_result(text.substr(2), line);
  } else {
    read_wire(text, line);
  }
  if (line.kind == TraceLine::Kind::note) line.note = text;
  return line;
}

}  // namespace visa::tool
