// SPDX-License-Identifier: MIT
// Two lines per call: "> viRead(...)" on entry and "< viRead = VI_SUCCESS ... [1.234 ms]" on
// return.
#include "lib/abi/trace.h"

#include <array>
#include <cstdio>

#include "lib/model/status_table.h"

namespace visa::abi {

std::string status_name(Status status) {
  const auto* info = model::find_status(status);
  if (info != nullptr) return std::string(info->name);
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%08X", static_cast<unsigned>(code(status)));
  return text.data();
}

void report_defect(const char* function, const char* what) {
  try {
    log::line(std::string(function) + ": a defect of FreeVISA, please report it: " + what);
  } catch (const std::exception&) {
  }
}

void TraceScope::begin(const std::string& arguments) {
  log::line(std::string("> ") + function_ + "(" + arguments + ")");
  start_ = std::chrono::steady_clock::now();
}

void TraceScope::finish(Status status, const std::string& results) const {
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start_;
  std::array<char, 32> time{};
  std::snprintf(time.data(), time.size(), "%.3f ms", took.count());
  std::string text = std::string("< ") + function_ + " = " + status_name(status);
  const auto detail = note_->of(status);
  if (!detail.empty()) text.append(": ").append(detail);
  if (!results.empty()) text.append(detail.empty() ? " " : "; ").append(results);
  log::line(text + " [" + time.data() + "]");
}

}  // namespace visa::abi
