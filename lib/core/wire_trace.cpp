// SPDX-License-Identifier: MIT
// A secret is what follows a command header that names one (SYSTem:PASSword:CENable "...",
// LAN:PSK): it is hidden to the end of its message unit, across the pieces of one message.
#include "lib/core/wire_trace.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <utility>

#include "lib/base/environment.h"
#include "lib/base/log.h"
#include "lib/model/status_table.h"

namespace visa::core {
namespace {

// After this much of one piece comes a block, not a command.
constexpr std::size_t kScanned = 4096;

void append_byte(std::string& line, char c) {
  static constexpr char kFigures[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  line += kFigures[byte >> 4];
  line += kFigures[byte & 15];
}

void append_hexadecimal(std::string& line, std::string_view data) {
  for (const char c : data) {
    line += ' ';
    append_byte(line, c);
  }
}

void append_text(std::string& line, std::string_view data) {
  line += " \"";
  for (const char c : data) line += c >= ' ' && c <= '~' ? c : '.';
  line += '"';
}

/// All of `data` in lines of their own: two figures a byte, two asterisks for one that is hidden.
void append_pieces(std::vector<std::string>& lines, const std::string& begin, std::string_view data,
                   const std::vector<bool>& hidden) {
  for (std::size_t at = 0; at < data.size(); at += WireTrace::kPiece) {
    const auto piece = data.substr(at, WireTrace::kPiece);
    std::string line = begin + "+ ";
    line.reserve(line.size() + 2 * piece.size());
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (at + i < hidden.size() && hidden[at + i]) {
        line += "**";
      } else {
        append_byte(line, piece[i]);
      }
    }
    lines.push_back(std::move(line));
  }
}

std::string beginning(std::string resource, WireDetail detail) {
  static std::atomic<unsigned> last{0};
  resource += ' ';
  if (detail == WireDetail::whole) resource += '#' + std::to_string(++last) + ' ';
  return resource;
}

}  // namespace

WireDetail wire_detail_wanted() noexcept {
  if (!log::enabled()) return WireDetail::none;
  const char* level = trusted_getenv("FREEVISA_TRACE_LEVEL");
  if (level == nullptr) return WireDetail::none;
  if (std::string_view(level) == "wire") return WireDetail::beginnings;
  return std::string_view(level) == "whole" ? WireDetail::whole : WireDetail::none;
}

WireTrace::WireTrace(std::string resource, WireDetail detail,
                     std::shared_ptr<MessageSecrets> secrets)
    : detail_(detail),
      begin_(beginning(std::move(resource), detail)),
      secrets_(secrets != nullptr ? std::move(secrets) : std::make_shared<MessageSecrets>()) {}

/// The first bytes of the data, or all of them, with secrets as asterisks. More of it is looked
/// through than is shown, because the next piece of the message begins where this one leaves off.
WireTrace::Shown WireTrace::hide_secrets(const WireRecord& record) {
  const std::string_view data(reinterpret_cast<const char*>(record.data.data()),
                              record.data.size());
  Shown shown{std::string(data.substr(0, detail_ == WireDetail::whole ? data.size() : kShown)), {}};
  if (record.operation == "write") hide_sent(record, shown);
  if (record.operation == "read") hide_received(record, shown);
  return shown;
}

void WireTrace::hide_sent(const WireRecord& record, Shown& shown) {
  const std::size_t size = record.data.size();
  const std::size_t scanned = detail_ == WireDetail::whole ? size : std::min(size, kScanned);
  shown.hidden.resize(std::min(scanned, shown.text.size()));
  for (std::size_t i = 0; i < scanned; ++i) {
    const auto c = static_cast<char>(record.data[i]);
    if (!secrets_->hides_sent(c) || i >= shown.hidden.size()) continue;
    shown.text[i] = '*';
    shown.hidden[i] = true;
  }
  if (record.whole) secrets_->end_sent();
}

/// All but the line end, which a replay needs.
void WireTrace::hide_received(const WireRecord& record, Shown& shown) {
  const bool hides = secrets_->hides_received();
  // Where no END and no termination character tells, the line feed does.
  const bool line = !record.data.empty() && record.data.back() == std::byte{'\n'};
  if (line || record.mark == "END" || record.mark == "termchar") secrets_->end_received();
  if (!hides) return;
  shown.hidden.resize(shown.text.size());
  for (std::size_t i = 0; i < shown.text.size(); ++i) {
    if (shown.text[i] == '\n' || shown.text[i] == '\r') continue;
    shown.text[i] = '*';
    shown.hidden[i] = true;
  }
}

std::vector<std::string> WireTrace::lines_of(const WireRecord& record) {
  std::vector<std::string> lines;
  std::string line = begin_;
  line += static_cast<char>(record.direction);
  line += ' ';
  line += record.operation;
  if (!record.data.empty() || record.operation == "read" || record.operation == "write") {
    line += ' ' + std::to_string(record.data.size()) + " bytes";
  }
  if (!record.data.empty()) {
    const auto shown = hide_secrets(record);
    if (detail_ == WireDetail::whole) {
      append_pieces(lines, begin_, shown.text, shown.hidden);
    } else {
      append_hexadecimal(line, shown.text);
      append_text(line, shown.text);
      if (record.data.size() > shown.text.size()) line += "...";
    }
  }
  if (!record.mark.empty()) line.append(" ").append(record.mark);
  if (failed(record.status)) {
    const auto* known = model::find_status(record.status);
    line.append(" ").append(known != nullptr ? known->name : "unknown status");
  }
  using Seconds = std::chrono::duration<double>;
  std::array<char, 64> time{};
  if (detail_ == WireDetail::whole && record.begin) {
    const Seconds ago = std::chrono::steady_clock::now() - *record.begin;
    std::snprintf(time.data(), time.size(), " (%.6f s, %.6f s)", Seconds(record.time).count(),
                  ago.count());
  } else {
    std::snprintf(time.data(), time.size(), " (%.6f s)", Seconds(record.time).count());
  }
  lines.push_back(line + time.data());
  return lines;
}

void WireTrace::seen(const WireRecord& record) {
  if (record.operation == "clear" && !failed(record.status)) secrets_->clear();
  if (detail_ == WireDetail::none) {
    hide_secrets(record);
    return;
  }
  for (const auto& line : lines_of(record)) log::line(line);
}

}  // namespace visa::core
