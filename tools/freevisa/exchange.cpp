// SPDX-License-Identifier: MIT
// An answer is read in pieces of 1 MiB, so that a short one takes one call; with a progress to show
// at first in small ones, so that a slow wire shows it.
#include "tools/freevisa/exchange.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tools/freevisa/picture_data.h"
#include "tools/freevisa/terminal.h"

namespace visa::tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr std::size_t kShownPiece = std::size_t{64} << 10;
constexpr std::size_t kLongestLine = kPiece;

/// The size of the next piece: larger after one that came at once.
std::size_t next_piece(std::size_t piece, Clock::time_point begin) {
  constexpr std::chrono::milliseconds kAtOnce{50};
  return Clock::now() - begin < kAtOnce ? std::min(piece * 2, kPiece) : piece;
}

/// How long the answer will be as far as its beginning tells; 0 if it does not.
std::size_t total_of(std::string_view answer) {
  const Block block = block_at_start(answer);
  return block.header > 0 && !block.endless ? block.header + block.length : 0;
}

}  // namespace

Block block_at_start(std::string_view answer) {
  if (answer.size() < 2 || answer[0] != '#' || answer[1] < '0' || answer[1] > '9') return {};
  if (answer[1] == '0') return {2, 0, true};
  const auto digits = static_cast<std::size_t>(answer[1] - '0');
  if (answer.size() < 2 + digits) return {};
  Block block{2 + digits, 0, false};
  for (std::size_t i = 2; i < block.header; ++i) {
    if (answer[i] < '0' || answer[i] > '9') return {};
    block.length = block.length * 10 + static_cast<std::size_t>(answer[i] - '0');
  }
  return block;
}

std::string_view data_of(std::string_view answer) {
  const Block block = block_at_start(answer);
  if (!block.endless) {
    return block.header > 0 ? answer.substr(block.header, block.length) : answer;
  }
  answer.remove_prefix(block.header);
  return answer.ends_with('\n') ? answer.substr(0, answer.size() - 1) : answer;
}

std::string block_header(std::size_t length) {
  const std::string digits = std::to_string(length);
  return "#" + std::to_string(digits.size()) + digits;
}

bool asks(std::string_view command) {
  return command.find('?') != std::string_view::npos;
}

Instrument::Instrument(const Session& manager, std::string name, std::uint32_t timeout)
    : name_(std::move(name)), session_(open_resource(manager, name_, timeout)) {
  only_lines_ = text_attribute(session(), VI_ATTR_RSRC_CLASS) == "SOCKET";
  if (!only_lines_) return;
  check(viSetAttribute(session(), VI_ATTR_TERMCHAR_EN, VI_TRUE), session(),
        "cannot make " + name_ + " read lines");
}

Instrument::~Instrument() {
  if (session() != VI_NULL && given_up_) clear();
}

void Instrument::check_call(ViStatus status, const std::string& what) {
  given_up_ = given_up_ || (status == VI_ERROR_ABORT && interrupt_pending());
  check_interruptible(status, session(), what);
}

void Instrument::send(const std::string& command) {
  send_bytes(command + "\n", "'" + command + "'");
}

void Instrument::send_bytes(std::string_view data, const std::string& what, Progress* progress) {
  const auto write = [&](std::string_view part) {
    ViUInt32 sent = 0;
    const ViStatus status = interruptible([&] {
      return viWrite(session(), reinterpret_cast<ViConstBuf>(part.data()),
                     static_cast<ViUInt32>(part.size()), &sent);
    });
    check_call(status, "cannot send " + what + " to " + name_);
  };
  // One message: only the last part has an END.
  const bool parts = progress != nullptr && progress->shown() && data.size() > kPiece;
  if (!parts) return write(data);
  check(viSetAttribute(session(), VI_ATTR_SEND_END_EN, VI_FALSE), session(),
        "cannot send " + what + " to " + name_ + " in parts");
  std::size_t sent = 0;
  for (; data.size() - sent > kPiece; sent += kPiece) {
    write(data.substr(sent, kPiece));
    progress->advance(sent + kPiece, data.size());
  }
  check(viSetAttribute(session(), VI_ATTR_SEND_END_EN, VI_TRUE), session(),
        "cannot send " + what + " to " + name_ + " in parts");
  write(data.substr(sent));
}

ViStatus Instrument::read_piece(std::string& answer, std::size_t most) {
  piece_.resize(std::max(piece_.size(), most));
  ViUInt32 count = 0;
  const ViStatus status = interruptible(
      [&] { return viRead(session(), piece_.data(), static_cast<ViUInt32>(most), &count); });
  answer.append(reinterpret_cast<const char*>(piece_.data()), count);
  return status;
}

// An instrument that never stops sending must not take all memory.
std::string Instrument::receive(const std::string& command, Progress* progress, std::size_t most) {
  const bool shown = progress != nullptr && progress->shown();
  const std::string what = command.empty() ? "message" : "answer to '" + command + "'";
  std::string answer;
  std::size_t piece = shown ? kShownPiece : kPiece;
  while (true) {
    const Clock::time_point begin = Clock::now();
    const ViStatus status = read_piece(answer, piece);
    piece = next_piece(piece, begin);
    if (shown && status >= VI_SUCCESS) progress->advance(answer.size(), total_of(answer));
    const Block block = block_at_start(answer);
    const bool whole = block.header == 0 || answer.size() - block.header >= block.length;
    if (status == VI_ERROR_TMO && block.header > 0 && !block.endless && whole) {
      return answer;  // an instrument that sends no line feed after a block
    }
    check_call(status, "no whole " + what + " from " + name_ + " (" +
                           std::to_string(answer.size()) + " bytes came)");
    if (answer.size() > most || (status == VI_SUCCESS_MAX_CNT && answer.size() == most)) {
      throw VisaFailure("the " + what + " from " + name_ +
                        " does not end: " + std::to_string(answer.size()) + " bytes came");
    }
    if (status == VI_SUCCESS_MAX_CNT) continue;
    // A block may end exactly where a byte of it was taken for the line feed after it.
    const bool block_only =
        block.header > 0 && !block.endless && answer.size() == block.header + block.length;
    if (whole && !(block_only && status == VI_SUCCESS_TERM_CHAR)) return answer;
  }
}

std::string Instrument::receive_picture(const std::string& command, Progress* progress) {
  const std::string full_name = text_attribute(session(), VI_ATTR_RSRC_NAME);
  std::string picture = only_lines_ || full_name.starts_with("ASRL")
                            ? receive_unframed_picture("picture for '" + command + "'", progress)
                            : receive(command, progress);
  const auto extent = picture_extent(picture);
  if (extent && extent->whole) picture.resize(extent->bytes);  // a line feed may come after it
  return picture;
}

std::string Instrument::receive_unframed_picture(const std::string& what, Progress* progress) {
  // A byte with the value of a line feed ends nothing here.
  viSetAttribute(session(), VI_ATTR_TERMCHAR_EN, VI_FALSE);
  const bool shown = progress != nullptr && progress->shown();
  std::string picture;
  for (;;) {
    const auto extent = picture_extent(picture);
    if (!extent) {
      throw VisaFailure("the " + what + " from " + name_ + " has no known end: '" +
                        printable(picture.substr(0, 40)) + "'");
    }
    if (extent->whole) break;
    const ViStatus status =
        read_piece(picture, std::min(extent->bytes - picture.size(), kShownPiece));
    if (shown && status >= VI_SUCCESS) progress->advance(picture.size(), 0);
    check_call(status, "no whole " + what + " from " + name_ + " (" +
                           std::to_string(picture.size()) + " bytes came)");
  }
  viSetAttribute(session(), VI_ATTR_TERMCHAR_EN, only_lines_ ? VI_TRUE : VI_FALSE);
  return picture;
}

std::string Instrument::receive_count(std::size_t count, Progress* progress) {
  // A byte with the value of a line feed ends nothing here.
  viSetAttribute(session(), VI_ATTR_TERMCHAR_EN, VI_FALSE);
  const bool shown = progress != nullptr && progress->shown();
  std::string data;
  std::size_t piece = shown ? kShownPiece : kPiece;
  while (data.size() < count) {
    const Clock::time_point begin = Clock::now();
    const ViStatus status = read_piece(data, std::min(piece, count - data.size()));
    piece = next_piece(piece, begin);
    if (shown && status >= VI_SUCCESS) progress->advance(data.size(), count);
    check_call(status, "no " + std::to_string(count) + " bytes from " + name_ + " (" +
                           std::to_string(data.size()) + " came)");
  }
  return data;
}

std::string Instrument::query(const std::string& command, Progress* progress) {
  send(command);
  return receive(command, progress);
}

std::string Instrument::query_line(const std::string& command) {
  send(command);
  std::string answer = receive(command, nullptr, kLongestLine);
  answer.erase(answer.find_last_not_of(" \t\r\n") + 1);
  return answer;
}

bool Instrument::clear() noexcept {
  constexpr ViAttrState kSecond = 1000;
  ViUInt32 timeout = 0;
  const bool shorter = given_up_ &&
                       viGetAttribute(session(), VI_ATTR_TMO_VALUE, &timeout) >= VI_SUCCESS &&
                       timeout > kSecond;
  if (shorter) viSetAttribute(session(), VI_ATTR_TMO_VALUE, kSecond);
  const bool cleared = viClear(session()) >= VI_SUCCESS;
  if (shorter) viSetAttribute(session(), VI_ATTR_TMO_VALUE, timeout);
  given_up_ = false;
  return cleared && !only_lines_;
}

}  // namespace visa::tool
