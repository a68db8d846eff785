// SPDX-License-Identifier: MIT
// A secret is what follows a command header that names one (SYSTem:PASSword:CENable "...",
// LAN:PSK): it is hidden to the end of its message unit, across the pieces of one message.
#include "lib/core/wire_trace.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "lib/base/environment.h"
#include "lib/base/log.h"
#include "lib/model/status_table.h"

namespace visa::core {
namespace {

// After this much of one piece comes a block, not a command.
constexpr std::size_t kScanned = 4096;

void append_hexadecimal(std::string& line, std::string_view data) {
  static constexpr char kFigures[] = "0123456789ABCDEF";
  for (const char c : data) {
    const auto byte = static_cast<unsigned char>(c);
    line += ' ';
    line += kFigures[byte >> 4];
    line += kFigures[byte & 15];
  }
}

void append_text(std::string& line, std::string_view data) {
  line += " \"";
  for (const char c : data) line += c >= ' ' && c <= '~' ? c : '.';
  line += '"';
}

}  // namespace

bool wire_trace_wanted() noexcept {
  if (!log::enabled()) return false;
  const char* level = trusted_getenv("FREEVISA_TRACE_LEVEL");
  return level != nullptr && std::string_view(level) == "wire";
}

/// The first bytes of the data, with secrets as asterisks. More of it is looked through than is
/// shown, because the next piece of the message begins where this one leaves off.
std::string WireTrace::hide_secrets(const WireRecord& record) {
  const std::string_view data(reinterpret_cast<const char*>(record.data.data()),
                              record.data.size());
  std::string shown(data.substr(0, kShown));
  if (record.direction != WireRecord::Direction::sent) return shown;
  const MutexLock lock(mutex_);
  for (std::size_t i = 0; i < std::min(data.size(), kScanned); ++i) {
    if (filter_.hides(data[i]) && i < shown.size()) shown[i] = '*';
  }
  if (record.whole) filter_.end_message();
  return shown;
}

std::string WireTrace::line_of(const WireRecord& record) {
  std::string line = resource_;
  line += ' ';
  line += static_cast<char>(record.direction);
  line += ' ';
  line += record.operation;
  if (!record.data.empty() || record.operation == "read" || record.operation == "write") {
    line += ' ' + std::to_string(record.data.size()) + " bytes";
  }
  if (!record.data.empty()) {
    const auto shown = hide_secrets(record);
    append_hexadecimal(line, shown);
    append_text(line, shown);
    if (record.data.size() > shown.size()) line += "...";
  }
  if (!record.mark.empty()) line.append(" ").append(record.mark);
  if (failed(record.status)) {
    const auto* known = model::find_status(record.status);
    line.append(" ").append(known != nullptr ? known->name : "unknown status");
  }
  std::array<char, 32> time{};
  std::snprintf(time.data(), time.size(), " (%.6f s)",
                std::chrono::duration<double>(record.time).count());
  return line + time.data();
}

void WireTrace::seen(const WireRecord& record) {
  log::line(line_of(record));
}

}  // namespace visa::core
