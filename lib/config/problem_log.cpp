// SPDX-License-Identifier: MIT
#include "lib/config/problem_log.h"

namespace visa::config {

void ProblemLog::add(Severity severity, Place place, std::string_view text) {
  if (severity == Severity::lost) complete_ = false;
  if (lines_.size() == kMostLines) {
    ++left_out_;
    return;
  }
  std::string line = file_;
  if (place.line != 0) {
    line.append(":").append(std::to_string(place.line));
    line.append(":").append(std::to_string(place.column));
  }
  lines_.push_back(line.append(": ").append(text));
}

std::vector<std::string> ProblemLog::lines() const {
  std::vector<std::string> result = lines_;
  if (left_out_ > 0) result.push_back("and " + std::to_string(left_out_) + " more problems");
  return result;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMost = 80;
  std::string result = "\"";
  for (const char c : text.substr(0, kMost)) result += c >= ' ' && c <= '~' ? c : '?';
  if (text.size() > kMost) result += "...";
  return result += '"';
}

}  // namespace visa::config
