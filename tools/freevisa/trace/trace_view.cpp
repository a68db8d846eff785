// SPDX-License-Identifier: MIT
// What a program or an instrument sent never reaches a terminal as it is: arguments are escaped by
// the library, bytes of the wire here.
#include "tools/freevisa/trace/trace_view.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "tools/freevisa/json_text.h"

namespace visa::tool {
namespace {

constexpr std::size_t kMostThreads = 10000;
constexpr std::size_t kTextBytes = 64;
constexpr std::size_t kHexBytes = 24;

std::string formatted(const char* format, double number) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), format, number);
  return text.data();
}

std::string hexadecimal(std::string_view data, std::string_view between) {
  static constexpr char kFigures[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : data) {
    const auto byte = static_cast<unsigned char>(c);
    if (!text.empty()) text += between;
    text += kFigures[byte >> 4];
    text += kFigures[byte & 15];
  }
  return text;
}

bool is_text(char c) {
  return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
}

std::string shown_arguments(const std::vector<TraceArgument>& arguments) {
  std::string text;
  for (const TraceArgument& one : arguments) {
    text += (text.empty() ? "" : ", ") + one.name + "=" + one.value;
  }
  return text;
}

Color color_of(const TracedCall& call) {
  if (call.failed()) return Color::red;
  return call.warned() ? Color::yellow : Color::green;
}

double seconds(std::int64_t time, std::int64_t start) {
  return static_cast<double>(time - start) / 1e6;
}

std::string json_arguments(const std::vector<TraceArgument>& arguments) {
  JsonObject object;
  for (const TraceArgument& one : arguments) object.text(one.name, one.value);
  return object.str();
}

std::string json_wire(const WireOperation& wire, std::int64_t start) {
  JsonObject object;
  object.number("t", seconds(wire.time - wire.took, start));
  object.text("resource", wire.resource);
  object.text("operation", wire.name);
  if (wire.direction != ' ') object.text("direction", wire.direction == '>' ? "sent" : "received");
  object.integer("bytes", static_cast<std::int64_t>(wire.size));
  if (!wire.data.empty()) object.text("hex", hexadecimal(wire.data, ""));
  if (!wire.mark.empty()) object.text("mark", wire.mark);
  if (!wire.status.empty()) object.text("status", wire.status);
  object.number("ms", static_cast<double>(wire.took) / 1000);
  return object.str();
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view text) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  std::size_t at = 0;
  std::size_t star = std::string_view::npos;  // the last one, and how much of the text it covers to
  std::size_t covered = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      covered = i;
    } else if (at < pattern.size() && same(pattern[at], text[i])) {
      ++at;
      ++i;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      i = ++covered;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

bool TraceFilter::wants(const TracedCall& call) const {
  const auto one_of = [](const std::vector<std::string>& patterns, std::string_view text) {
    return patterns.empty() ||
           std::any_of(patterns.begin(), patterns.end(), [text](const std::string& pattern) {
             return matches_pattern(pattern, text);
           });
  };
  if (failed && !call.failed() && !call.status.empty()) return false;
  if (slow > 0 && call.milliseconds < slow && !call.status.empty()) return false;
  if (!one_of(functions, call.function)) return false;
  return one_of(sessions, call.session) ||
         std::any_of(call.wire.begin(), call.wire.end(),
                     [&](const WireOperation& wire) { return one_of(sessions, wire.resource); });
}

bool TraceFilter::wants(const WireOperation& wire) const {
  if (!functions.empty() || (failed && wire.status.empty())) return false;
  if (slow > 0 && static_cast<double>(wire.took) / 1000 < slow) return false;
  return sessions.empty() ||
         std::any_of(sessions.begin(), sessions.end(), [&wire](const std::string& pattern) {
           return matches_pattern(pattern, wire.resource);
         });
}

std::string shown_bytes(std::string_view data, std::size_t size) {
  const auto text = static_cast<std::size_t>(std::count_if(data.begin(), data.end(), &is_text));
  const bool readable = text * 10 >= data.size() * 8;
  const std::string_view shown = data.substr(0, readable ? kTextBytes : kHexBytes);
  std::string result = readable ? "\"" : hexadecimal(shown, " ");
  for (const char c : readable ? shown : std::string_view()) {
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else if (c == '\t') {
      result += "\\t";
    } else if (!is_text(c)) {
      result += "\\x" + hexadecimal({&c, 1}, "");
    } else {
      result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
  }
  if (readable) result += '"';
  return size > shown.size() ? result + "..." : result;
}

std::string shown_duration(double milliseconds) {
  if (milliseconds < 1) return formatted("%.0f us", milliseconds * 1000);
  return milliseconds < 1000 ? formatted("%.3f ms", milliseconds)
                             : formatted("%.3f s", milliseconds / 1000);
}

std::string TraceText::begin(std::int64_t time, long process, long thread,
                             std::string_view session) {
  if (start_ == 0) start_ = time;
  auto number = threads_.find({process, thread});
  if (number == threads_.end() && threads_.size() < kMostThreads) {
    number = threads_.insert({{process, thread}, threads_.size() + 1}).first;
  }
  std::string who;
  if (threads_.size() > 1 && number != threads_.end()) {
    who = "[" + std::to_string(number->second) + "] ";
  }
  std::string name(session.substr(0, 40));
  if (!name.empty()) name += ' ';
  return paint(Color::dim, formatted("%11.6f ", seconds(time, start_)) + who) +
         paint(Color::cyan, printable(name));
}

std::string TraceText::call(const TracedCall& call) {
  std::string text = begin(call.begin, call.process, call.thread, call.session);
  text += paint(Color::bold, call.function) + "(" + printable(shown_arguments(call.in)) + ")";
  if (call.status.empty()) {
    text += paint(Color::red, " has not returned");
  } else {
    text += " = " + paint(color_of(call), printable(call.status));
    if (!call.out.empty()) text += " " + printable(shown_arguments(call.out));
    text += paint(Color::dim, "  " + shown_duration(call.milliseconds));
  }
  if (!call.detail.empty()) text += "\n              " + paint(Color::red, printable(call.detail));
  for (const WireOperation& wire : call.wire) text += "\n" + wire_line(wire);
  if (call.more_wire > 0) {
    text += "\n              and " + std::to_string(call.more_wire) + " more operations";
  }
  return text;
}

std::string TraceText::waiting(const TracedCall& call) {
  return begin(call.begin, call.process, call.thread, call.session) +
         paint(Color::bold, call.function) + "(" + printable(shown_arguments(call.in)) + ")" +
         paint(Color::yellow, " is waiting ...");
}

std::string TraceText::wire_line(const WireOperation& wire) {
  std::string text = std::string("            ") + wire.direction + " " + wire.name;
  if (wire.size > 0 || wire.name == "read" || wire.name == "write") {
    text += " " + std::to_string(wire.size) + (wire.size == 1 ? " byte" : " bytes");
  }
  if (!wire.data.empty()) text += " " + shown_bytes(wire.data, wire.size);
  if (!wire.mark.empty()) text += " " + printable(wire.mark);
  std::string result = paint(Color::dim, text);
  if (!wire.status.empty()) result += " " + paint(Color::red, printable(wire.status));
  return result + paint(Color::dim, "  " + shown_duration(static_cast<double>(wire.took) / 1000));
}

std::string TraceText::wire(const TraceLine& line) {
  return begin(line.time, line.process, line.thread, line.wire.resource) + "\n" +
         wire_line(line.wire);
}

std::string TraceText::note(const TraceLine& line) {
  return begin(line.time, line.process, line.thread, "") + printable(line.note);
}

std::string trace_json(const TracedCall& call, std::int64_t start) {
  JsonObject object;
  object.text("type", "call");
  object.number("t", seconds(call.begin, start));
  object.integer("process", call.process);
  object.integer("thread", call.thread);
  object.text("session", call.session);
  object.text("function", call.function);
  object.value("in", json_arguments(call.in));
  if (call.status.empty()) {
    object.value("status", "null");
  } else {
    object.text("status", call.status);
    object.value("out", json_arguments(call.out));
    object.number("ms", call.milliseconds);
  }
  if (!call.detail.empty()) object.text("detail", call.detail);
  if (!call.wire.empty()) {
    std::vector<std::string> wires;
    wires.reserve(call.wire.size());
    for (const WireOperation& wire : call.wire) wires.push_back(json_wire(wire, start));
    object.value("wire", json_array(wires));
  }
  if (call.more_wire > 0) object.integer("more_wire", static_cast<std::int64_t>(call.more_wire));
  return object.str();
}

std::string trace_json(const TraceLine& line, std::int64_t start) {
  JsonObject object;
  const bool wire = line.kind == TraceLine::Kind::wire;
  object.text("type", wire ? "wire" : "note");
  object.number("t", seconds(line.time, start));
  object.integer("process", line.process);
  object.integer("thread", line.thread);
  if (wire) {
    object.value("wire", json_array({json_wire(line.wire, start)}));
  } else {
    object.text("text", line.note);
  }
  return object.str();
}

}  // namespace visa::tool
