// SPDX-License-Identifier: MIT
// A secret is what follows a command header that names one (SYSTem:PASSword:CENable "...",
// LAN:PSK): it is hidden to the end of its message unit, across the pieces of one message.
#include "lib/core/wire_trace.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <new>
#include <utility>

#include "lib/base/environment.h"
#include "lib/base/log.h"
#include "lib/model/status_table.h"

namespace visa::core {
namespace {

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

std::size_t WireTrace::shown_of(std::size_t size) const noexcept {
  if (detail_ == WireDetail::none) return 0;
  return detail_ == WireDetail::whole ? size : std::min(size, kShown);
}

// Without memory the message is hidden, and so is its answer.
void WireTrace::sending(std::span<const std::byte> data, bool last) {
  outgoing_.reset();
  try {
    const std::string_view piece(reinterpret_cast<const char*>(data.data()), data.size());
    outgoing_ = {data.size(), secrets_->about_to_send(piece, last, shown_of(data.size()))};
  } catch (const std::bad_alloc&) {
    secrets_->assume_question();
    throw;
  }
}

bool WireTrace::note(const WireRecord& record) {
  if (record.operation == "clear" && record.whole && !failed(record.status)) secrets_->clear();
  if (record.operation == "write" && outgoing_ && record.data.size() < outgoing_->size) {
    secrets_->cut_short({reinterpret_cast<const char*>(record.data.data()), record.data.size()});
  }
  if (record.operation != "read") return false;
  // Where no END and no termination character tells, the line feed does.
  const bool line = !record.data.empty() && record.data.back() == std::byte{'\n'};
  return secrets_->received(line || record.mark == "END" || record.mark == "termchar");
}

/// The first bytes of the data, or all of them, with secrets as asterisks. Of an answer the line
/// end is left, which a replay needs.
WireTrace::Shown WireTrace::hide_secrets(const WireRecord& record, bool answer) {
  Shown shown{
      std::string(reinterpret_cast<const char*>(record.data.data()), shown_of(record.data.size())),
      {}};
  const bool written = record.operation == "write";
  if (!written && !answer) return shown;
  shown.hidden.resize(shown.text.size());
  for (std::size_t i = 0; i < shown.text.size(); ++i) {
    char& c = shown.text[i];
    if (written && outgoing_ && i < outgoing_->hidden.size() && !outgoing_->hidden[i]) continue;
    if (!written && (c == '\n' || c == '\r')) continue;
    c = '*';
    shown.hidden[i] = true;
  }
  return shown;
}

std::vector<std::string> WireTrace::lines_of(const WireRecord& record) {
  const bool answer = note(record);
  std::vector<std::string> lines;
  std::string line = begin_;
  line += static_cast<char>(record.direction);
  line += ' ';
  line += record.operation;
  if (!record.data.empty() || record.operation == "read" || record.operation == "write") {
    line += ' ' + std::to_string(record.data.size()) + " bytes";
  }
  if (!record.data.empty()) {
    const auto shown = hide_secrets(record, answer);
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
  if (detail_ == WireDetail::none) {
    note(record);
    return;
  }
  for (const auto& line : lines_of(record)) log::line(line);
}

}  // namespace visa::core
