// SPDX-License-Identifier: MIT
// Invariant: a receive is made only while nothing is kept, so one piece bounds what is kept.
#include "drivers/common/buffered_reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <new>

namespace visa::drivers {
namespace {

using spi::ReadResult;
using spi::StopReason;

/// Once allocated, a buffer of up to this size is kept until the session closes.
constexpr std::size_t kSmallBuffer = 4096;

/// A discard ends after this time even without a deadline: otherwise a peer that never pauses would
/// hold viClear for ever.
constexpr std::chrono::seconds kLongestDiscard{10};
constexpr std::size_t kMostDiscardedAtOnce = std::size_t{16} * 1024 * 1024;

/// How long the stream must be silent before a clear assumes that nothing more is on its way.
constexpr std::chrono::milliseconds kQuiet{20};

Status never_quiet(const ByteStream& stream, Call& call) {
  return call.fail(
      Status::error_tmo,
      stream.peer() + ": the instrument never stops sending: stop its output, then clear again");
}

/// The number of bytes up to and including the termination character; 0 if there is none.
std::size_t find_termchar(std::span<const std::byte> bytes, const spi::EndRule& rule) noexcept {
  if (!rule.termchar_enabled || bytes.empty()) return 0;
  const void* found = std::memchr(bytes.data(), rule.termchar, bytes.size());
  if (found == nullptr) return 0;
  return static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data()) + 1;
}

}  // namespace

ReadResult BufferedReader::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  std::size_t count = 0;
  if (into.empty()) return {};
  if (kept() != 0) {
    auto taken = std::span<const std::byte>(kept_.get() + begin_, std::min(kept(), into.size()));
    const std::size_t line = find_termchar(taken, rule);
    if (line != 0) taken = taken.first(line);
    std::memcpy(into.data(), taken.data(), taken.size());
    count = taken.size();
    begin_ += count;
    if (kept() == 0) drop_kept();
    if (line != 0) return {Status::success, count, StopReason::termchar};
  }
  for (std::size_t piece = kFirstPiece; count < into.size(); piece = std::min(2 * piece, kPiece)) {
    auto room = into.subspan(count);
    if (rule.termchar_enabled) room = room.first(std::min(room.size(), piece));
    const bool pause_ends = !rule.suppress_end && count != 0;
    const StreamResult got = next_piece(room, !pause_ends, call);
    // The pause ends this read. If the stream has ended too, the next read reports that.
    if (pause_ends && (got.count == 0 && got.status != Status::error_abort)) {
      return {Status::success, count, StopReason::end};
    }
    if (failed(got.status)) return {got.status, count};
    const std::size_t line = find_termchar(room.first(got.count), rule);
    if (line != 0) {
      count += line;
      if (!keep(room.subspan(line, got.count - line))) return {Status::error_alloc, count};
      return {Status::success, count, StopReason::termchar};
    }
    count += got.count;
    if (count == into.size()) break;
    if (!rule.suppress_end && got.count < room.size()) {
      return {Status::success, count, StopReason::end};
    }
    // A peer that never pauses must not keep the read beyond its deadline.
    if (!call.deadline.is_immediate() && call.deadline.expired()) {
      return {Status::error_tmo, count};
    }
  }
  return {Status::success, count, StopReason::count};
}

StreamResult BufferedReader::next_piece(std::span<std::byte> room, bool may_wait, Call& call) {
  if (broken_) {
    return {call.fail(Status::error_conn_lost,
                      stream_.peer() +
                          ": bytes were lost because this computer ran out of memory; close this "
                          "session and open it again"),
            0};
  }
  return may_wait ? stream_.receive(room, call) : stream_.receive_now(room, call);
}

bool BufferedReader::keep(std::span<const std::byte> surplus) {
  if (surplus.empty()) return true;
  if (capacity_ < surplus.size()) {
    kept_.reset(new (std::nothrow) std::byte[surplus.size()]);
    capacity_ = kept_ ? surplus.size() : 0;
    if (!kept_) {
      broken_ = true;
      return false;
    }
  }
  std::memcpy(kept_.get(), surplus.data(), surplus.size());
  begin_ = 0;
  end_ = surplus.size();
  return true;
}

void BufferedReader::drop_kept() noexcept {
  begin_ = end_ = 0;
  if (capacity_ <= kSmallBuffer) return;
  kept_.reset();
  capacity_ = 0;
}

Status BufferedReader::discard(Call& call) {
  return discard(std::min(call.deadline, Deadline::after(kLongestDiscard)), call);
}

Status BufferedReader::discard(Deadline last, Call& call) {
  drop_kept();
  broken_ = false;
  std::array<std::byte, 8192> scratch;
  std::size_t dropped = 0;
  for (;;) {
    if (call.cancelled()) return Status::error_abort;
    const StreamResult got = stream_.receive_now(scratch, call);
    if (failed(got.status)) return got.status;
    if (got.count == 0) return Status::success;
    dropped += got.count;
    const bool over = last.is_immediate() ? dropped >= kMostDiscardedAtOnce : last.expired();
    if (over) return never_quiet(stream_, call);
  }
}

Status BufferedReader::discard_until_quiet(Call& call) {
  const Deadline last = std::min(call.deadline, Deadline::after(kLongestDiscard));
  std::array<std::byte, 8192> scratch;
  for (;;) {
    if (const Status status = discard(last, call); failed(status)) return status;
    if (call.deadline.is_immediate()) return Status::success;
    Call pause(call, std::min(last, Deadline::after(kQuiet)));
    const StreamResult got = stream_.receive(scratch, pause);
    if (got.status == Status::error_tmo) return Status::success;
    if (failed(got.status)) return call.fail(got.status, pause.detail);
    if (last.expired()) return never_quiet(stream_, call);
  }
}

}  // namespace visa::drivers
