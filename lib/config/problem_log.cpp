// SPDX-License-Identifier: MIT
// Bounded: a file of nothing but mistakes costs a fixed number of lines.
#include "lib/config/problem_log.h"

namespace visa::config {

void ProblemLog::add(Severity severity, Place place, std::string_view text) {
  std::string line = file_;
  if (place.line != 0) {
    line.append(":").append(std::to_string(place.line));
    line.append(":").append(std::to_string(place.column));
  }
  line.append(": ").append(text);
  if (severity != Severity::harmless) {
    const bool first_unread = severity == Severity::unread && every_file_read_;
    if (losses_++ == 0 || first_unread) first_loss_ = line;
    if (first_unread) every_file_read_ = false;
  }
  if (lines_.size() == kMostLines) {
    ++left_out_;
  } else {
    lines_.push_back(std::move(line));
  }
}

void ProblemLog::wrong_value(const tomlio::Entry& entry, std::string_view expected) {
  lost(entry.value.place, in_quotes(entry.key) + ": expected " + std::string(expected));
}

void ProblemLog::unknown_key(const tomlio::Entry& entry, std::string_view where,
                             std::string_view known) {
  harmless(entry.place, "unknown key " + in_quotes(entry.key) + " in " + std::string(where) +
                            " is ignored: expected one of " + std::string(known));
}

std::string ProblemLog::loss() const {
  if (losses_ < 2) return first_loss_;
  return first_loss_ + " (and " + std::to_string(losses_ - 1) + " more)";
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
