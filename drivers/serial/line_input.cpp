// SPDX-License-Identifier: MIT
// Invariant: the thread inside gate_ owns everything but the atomics. Bytes go from the kernel
// into the caller's memory; they take the way through kept_ only where there is something to decode
// or to observe, or where they follow the end of the read.
#include "drivers/serial/line_input.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/serial.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace visa::drivers::serial {
namespace {

using spi::ReadResult;
using spi::StopReason;

/// The kernel keeps no more for a tty, so one read(2) rarely gives more.
constexpr std::size_t kPiece = 4096;
/// After a piece of this size more is expected, and the next read(2) comes before the wait.
constexpr std::size_t kLongPiece = 1024;

/// A discard ends after this time even without a deadline: otherwise a peer that never pauses would
/// hold viClear for ever.
constexpr std::chrono::seconds kLongestDiscard{10};
constexpr std::size_t kMostDiscardedAtOnce = std::size_t{1024} * 1024;
/// How long the line must be silent before a clear assumes that nothing more is on its way.
constexpr std::chrono::milliseconds kQuiet{20};

constexpr std::byte kNull{0};
constexpr int kMarkByte = 0xFF;

constexpr std::string_view kNeverQuiet =
    "the instrument never stops sending: stop its output, then clear again";

}  // namespace

void LineInput::start() {
  ::ioctl(tty_.fd(), TCFLSH, TCIFLUSH);
  counts_ = read_counters(counters_);
}

bool LineInput::read_counters(Counters& now) const noexcept {
  serial_icounter_struct raw{};
  if (::ioctl(tty_.fd(), TIOCGICOUNT, &raw) != 0) return false;
  now = {raw.parity, raw.frame, raw.overrun + raw.buf_overrun, raw.brk};
  return true;
}

// Ports that count errors tell parity from framing, and a break from a damaged zero.
LineInput::Faults LineInput::new_faults() {
  Faults faults;
  if (parity_.load(std::memory_order_relaxed)) faults.damaged = LineMark::Kind::parity;
  Counters now;
  if (!counts_ || !read_counters(now)) return faults;
  const bool parity = now.parity != counters_.parity;
  const bool framing = now.framing != counters_.framing;
  if (parity != framing) {
    faults.damaged = parity ? LineMark::Kind::parity : LineMark::Kind::framing;
  }
  faults.zero_is_break = now.breaks != counters_.breaks || !(parity || framing);
  faults.overrun = now.overrun != counters_.overrun;
  counters_ = now;
  return faults;
}

void LineInput::note_kept() noexcept {
  kept_count_.store(kept(), std::memory_order_relaxed);
}

// Before bytes are taken from the port: afterwards a lack of memory would lose them.
void LineInput::make_room() {
  if (kept_.capacity() - kept_.size() >= kPiece) return;
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(begin_));
  begin_ = 0;
  if (kept_.capacity() - kept_.size() >= kPiece) return;
  kept_.reserve(std::max(kept_.size() + kPiece, 2 * kept_.capacity()));
}

void LineInput::keep(std::span<const std::byte> bytes) {
  if (begin_ == kept_.size()) {
    kept_.clear();
    begin_ = 0;
  }
  kept_.insert(kept_.end(), bytes.begin(), bytes.end());
  note_kept();
}

void LineInput::keep_decoded(std::span<std::byte> raw) {
  const Faults faults = new_faults();
  const std::uint64_t first = taken_ + kept();
  fresh_.clear();
  auto bytes = raw.first(decoder_.decode(raw, faults.zero_is_break, fresh_));
  const bool drop_nulls = discards_nulls();
  const bool observed = observed_.load(std::memory_order_relaxed);
  std::size_t out = 0;
  auto mark = fresh_.begin();
  const auto place_marks = [&](std::size_t in) {
    for (; mark != fresh_.end() && mark->at == in; ++mark) {
      if (mark->kind == LineMark::Kind::line_break) {
        if (observed) observer_.received_break();
      } else {
        marks_.push_back({first + out, faults.damaged});
      }
    }
  };
  for (std::size_t in = 0; in < bytes.size(); ++in) {
    const bool damaged = mark != fresh_.end() && mark->at == in;
    place_marks(in);
    if (drop_nulls && bytes[in] == kNull && !damaged) continue;
    bytes[out++] = bytes[in];
  }
  place_marks(bytes.size());
  bytes = bytes.first(out);
  keep(bytes);
  if (faults.overrun) marks_.push_back({first + out, LineMark::Kind::overrun});
  if (observed && !bytes.empty()) observer_.received(bytes);
}

StreamResult LineInput::take_raw(std::span<std::byte> room, Call& call) {
  for (;;) {
    if (call.cancelled()) return {Status::error_abort, 0};
    const ssize_t got = ::read(tty_.fd(), room.data(), room.size());
    if (got > 0) {
      flowing_ = static_cast<std::size_t>(got) >= kLongPiece;
      return {Status::success, static_cast<std::size_t>(got)};
    }
    flowing_ = false;
    if (got == 0) return {tty_.hung_up(call), 0};
    if (errno == EINTR) continue;
    if (errno == EAGAIN) return {};
    return {tty_.fail(errno, call), 0};
  }
}

// The answer to a message just sent is not there yet, so the wait comes first, except where the
// line is busy or no wait is allowed.
StreamResult LineInput::wait_raw(std::span<std::byte> room, Call& call) {
  bool look = flowing_ || call.deadline.is_immediate();
  for (;;) {
    if (look) {
      const StreamResult got = take_raw(room, call);
      if (got.count > 0 || failed(got.status)) return got;
    }
    const Status ready = poller_.wait(tty_.fd(), POLLIN, call);
    if (failed(ready)) return {ready, 0};
    look = true;
  }
}

StreamResult LineInput::receive(std::span<std::byte> room, Call& call) {
  make_room();
  StreamResult got = wait_raw(room.first(std::min(room.size(), kPiece)), call);
  if (failed(got.status)) return got;
  const auto raw = room.first(got.count);
  const bool plain = decoder_.idle() && !counts_ && !discards_nulls() &&
                     !observed_.load(std::memory_order_relaxed) &&
                     std::memchr(raw.data(), kMarkByte, raw.size()) == nullptr;
  if (plain) return got;
  keep_decoded(raw);
  return {};
}

LineInput::Taken LineInput::find_end(std::span<const std::byte> bytes, const Ends& ends) noexcept {
  Taken taken;
  taken.count = bytes.size();
  if (ends.rule.termchar_enabled && !bytes.empty()) {
    const void* found = std::memchr(bytes.data(), ends.rule.termchar, bytes.size());
    if (found != nullptr) {
      taken.count =
          static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data()) + 1;
      taken.over = true;
      taken.reason = StopReason::termchar;
    }
  }
  if (!ends.rule.last_bit) return taken;
  const auto searched = bytes.first(taken.count);
  const auto at = std::find_if(searched.begin(), searched.end(), [&](std::byte byte) {
    return (std::to_integer<unsigned>(byte) & ends.last_bit) != 0;
  });
  if (at == searched.end()) return taken;
  taken.count = static_cast<std::size_t>(at - searched.begin()) + 1;
  taken.over = true;
  taken.reason = StopReason::end;
  return taken;
}

// Up to the end of the read, the end of the room, or the first fault.
LineInput::Taken LineInput::take(std::span<std::byte> into, const Ends& ends) {
  const std::size_t most = std::min(kept(), into.size());
  std::memcpy(into.data(), kept_.data() + begin_, most);
  std::size_t whole = most;  // bytes before the first fault that ends the read
  Status status = Status::success;
  for (auto mark = marks_.begin(); mark != marks_.end(); ++mark) {
    const std::size_t at = static_cast<std::size_t>(mark->at - taken_);
    const bool before = mark->kind == LineMark::Kind::overrun;
    if (before ? at > most : at >= most) break;
    if (!before && ends.replacement != 0) {
      into[at] = std::byte{ends.replacement};
      continue;
    }
    whole = before ? at : at + 1;
    status = mark->kind == LineMark::Kind::parity    ? Status::error_asrl_parity
             : mark->kind == LineMark::Kind::overrun ? Status::error_asrl_overrun
                                                     : Status::error_asrl_framing;
    break;
  }
  Taken taken = find_end(into.first(whole), ends);
  const bool fault_first = failed(status) && taken.count == whole &&
                           (!taken.over || status != Status::error_asrl_overrun);
  if (fault_first) taken.status = status;
  begin_ += taken.count;
  taken_ += taken.count;
  // The marks of the bytes taken go; so does the overrun that was reported.
  while (!marks_.empty() && marks_.front().at < taken_) marks_.pop_front();
  if (fault_first && status == Status::error_asrl_overrun) marks_.pop_front();
  note_kept();
  return taken;
}

Status LineInput::fault(LineMark::Kind kind, Call& call) const {
  switch (kind) {
    case LineMark::Kind::parity:
      return tty_.refuse(Status::error_asrl_parity,
                         "a byte arrived with wrong parity; does VI_ATTR_ASRL_PARITY fit the "
                         "instrument, and VI_ATTR_ASRL_BAUD?",
                         call);
    case LineMark::Kind::overrun:
      return tty_.refuse(Status::error_asrl_overrun,
                         "bytes were lost because they arrived faster than they were taken; use "
                         "flow control or a lower baud rate",
                         call);
    default:
      return tty_.refuse(Status::error_asrl_framing,
                         "a byte arrived without its stop bit; do VI_ATTR_ASRL_BAUD, DATA_BITS and "
                         "STOP_BITS fit the instrument?",
                         call);
  }
}

ReadResult LineInput::read(std::span<std::byte> into, const spi::EndRule& rule,
                           std::uint8_t last_bit, std::uint8_t replacement, Call& call) {
  if (into.empty()) return {};
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return {pass.status(), 0};
  const Ends ends{rule, last_bit, replacement};
  std::size_t count = 0;
  for (;;) {
    if (kept() != 0 || !marks_.empty()) {
      const Taken taken = take(into.subspan(count), ends);
      count += taken.count;
      if (failed(taken.status)) {
        const auto kind = taken.status == Status::error_asrl_parity    ? LineMark::Kind::parity
                          : taken.status == Status::error_asrl_overrun ? LineMark::Kind::overrun
                                                                       : LineMark::Kind::framing;
        return {fault(kind, call), count};
      }
      if (taken.over) return {Status::success, count, taken.reason};
    }
    if (count == into.size()) return {Status::success, count, StopReason::count};
    // A peer that never pauses must not keep the read beyond its deadline.
    if (count > 0 && !call.deadline.is_immediate() && call.deadline.expired()) {
      return {Status::error_tmo, count};
    }
    const auto room = into.subspan(count);
    const StreamResult got = receive(room, call);
    if (failed(got.status)) return {got.status, count};
    if (got.count == 0) continue;  // it was kept
    const Taken taken = find_end(room.first(got.count), ends);
    taken_ += taken.count;
    count += taken.count;
    if (!taken.over) continue;
    keep(room.subspan(taken.count, got.count - taken.count));
    return {Status::success, count, taken.reason};
  }
}

// Until nothing has arrived, or as much is kept as may be.
Status LineInput::fill(Call& call) {
  std::array<std::byte, kPiece> scratch;
  while (!full()) {
    make_room();
    const StreamResult got = take_raw(scratch, call);
    if (failed(got.status)) return got.status;
    if (got.count == 0) return Status::success;
    keep_decoded(std::span(scratch).first(got.count));
  }
  return Status::success;
}

Status LineInput::collect(Call& call) {
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return pass.status();
  return fill(call);
}

Result<std::uint32_t> LineInput::available(Call& call) {
  Call now(call, Deadline::immediate());
  const GatePass pass(gate_, now);
  if (failed(pass.status())) {  // a session is reading
    int waiting = 0;
    if (::ioctl(tty_.fd(), FIONREAD, &waiting) != 0) return tty_.fail(errno, call);
    return static_cast<std::uint32_t>(kept_count_.load(std::memory_order_relaxed) +
                                      static_cast<std::size_t>(std::max(waiting, 0)));
  }
  const Status status = fill(now);
  if (failed(status) && kept() == 0) return call.fail(status, now.detail);
  return static_cast<std::uint32_t>(kept());
}

Status LineInput::drop(Call& call) {
  const Deadline last = std::min(call.deadline, Deadline::after(kLongestDiscard));
  taken_ += kept();
  kept_.clear();
  begin_ = 0;
  marks_.clear();
  note_kept();
  ::ioctl(tty_.fd(), TCFLSH, TCIFLUSH);
  std::array<std::byte, kPiece> scratch;
  for (std::size_t dropped = 0;;) {
    const StreamResult got = take_raw(scratch, call);
    if (failed(got.status)) return got.status;
    if (got.count == 0) break;
    dropped += got.count;
    const bool over = last.is_immediate() ? dropped >= kMostDiscardedAtOnce : last.expired();
    if (over) return tty_.refuse(Status::error_tmo, kNeverQuiet, call);
  }
  decoder_ = LineDecoder();
  if (counts_) read_counters(counters_);
  return Status::success;
}

Status LineInput::discard(Call& call) {
  Call now(call, Deadline::immediate());
  const GatePass pass(gate_, now);
  // A session that reads has taken all there was: what the kernel has now came after it began.
  if (failed(pass.status())) return call.cancelled() ? Status::error_abort : Status::success;
  return drop(call);
}

Status LineInput::discard_until_quiet(Call& call) {
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return pass.status();
  const Deadline last = std::min(call.deadline, Deadline::after(kLongestDiscard));
  for (;;) {
    if (const Status status = drop(call); failed(status)) return status;
    if (call.deadline.is_immediate()) return Status::success;
    Call pause(call, std::min(last, Deadline::after(kQuiet)));
    const Status ready = poller_.wait(tty_.fd(), POLLIN, pause);
    if (ready == Status::error_tmo) return Status::success;
    if (failed(ready)) return ready;
    if (last.expired()) return tty_.refuse(Status::error_tmo, kNeverQuiet, call);
  }
}

bool LineInput::resize(std::uint32_t size) {
  if (size == 0 || size > kMostSize) return false;
  size_.store(size, std::memory_order_relaxed);
  return true;
}

void LineInput::wake() noexcept {
  gate_.wake();
  poller_.wake();
}

}  // namespace visa::drivers::serial
