// SPDX-License-Identifier: MIT
// A value that could not be measured is null in the JSON and never left out.
#include "conformance/bench/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace visa::bench {
namespace {

std::string number(double value) {
  char text[64];
  const double size = std::fabs(value);
  const char* const format = size >= 100 ? "%.0f" : size > 0 && size < 0.1 ? "%.4f" : "%.2f";
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string left(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string right(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string json_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// JSON has no NaN: a value that could not be measured becomes null, which no reader takes for a
// number.
std::string json_number(double value) {
  if (!std::isfinite(value)) return "null";
  char text[64];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

void json_field(std::ostream& out, const char* name, const std::optional<double>& value) {
  if (value) out << ", \"" << name << "\": " << json_number(*value);
}

}  // namespace

void Report::title(const std::string& row, const std::string& text) {
  titles_.emplace_back(row, text);
}

bool Report::all_met() const {
  return std::all_of(lines_.begin(), lines_.end(), [](const Line& l) { return l.met(); });
}

void Report::print(std::ostream& out, const std::string& ours, const std::string& peer,
                   bool gated) const {
  const std::string indent = "  ";
  out << left("", 34) << right("floor", 10) << right(ours.substr(0, 12), 13) << left("", 5)
      << right("ratio", 7) << right("low-high", 13) << right("goal", 10) << right("met", 5)
      << right(peer.substr(0, 14), 15) << '\n';
  std::string row;
  for (const Line& line : lines_) {
    if (line.row != row) {
      row = line.row;
      for (const auto& [key, text] : titles_) {
        if (key == row) out << text << '\n';
      }
    }
    out << indent << left(line.what, 32) << right(line.floor ? number(*line.floor) : "", 10)
        << right(number(line.ours), 13) << ' ' << left(line.unit, 4);
    out << right(line.ratio ? number(line.ratio->median) : "", 7)
        << right(line.ratio ? number(line.ratio->low) + "-" + number(line.ratio->high) : "", 13);
    out << right(line.limit ? "<= " + number(*line.limit) : "", 10)
        << right(!line.limit || !gated ? ""
                 : line.met()          ? "yes"
                                       : "NO",
                 5)
        << right(line.peer ? number(*line.peer) : "", 15);
    if (!line.note.empty()) out << indent << line.note;
    out << '\n';
  }
}

void Report::print_json(std::ostream& out, const std::string& ours, const std::string& peer,
                        bool gated) const {
  out << "{\"library\": " << json_text(ours) << ", \"peer\": " << json_text(peer)
      << ", \"gated\": " << (gated ? "true" : "false") << ", \"lines\": [";
  const char* separator = "\n";
  for (const Line& line : lines_) {
    out << separator << "  {\"row\": " << json_text(line.row)
        << ", \"what\": " << json_text(line.what) << ", \"unit\": " << json_text(line.unit)
        << ", \"ours\": " << json_number(line.ours);
    json_field(out, "floor", line.floor);
    if (line.ratio) {
      json_field(out, "ratio", line.ratio->median);
      json_field(out, "ratio_low", line.ratio->low);
      json_field(out, "ratio_high", line.ratio->high);
    }
    json_field(out, "peer", line.peer);
    json_field(out, "goal", line.limit);
    if (line.limit) out << ", \"met\": " << (line.met() ? "true" : "false");
    out << '}';
    separator = ",\n";
  }
  out << "\n]}\n";
}

}  // namespace visa::bench
