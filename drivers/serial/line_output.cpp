// SPDX-License-Identifier: MIT
// tcdrain() can be neither cancelled nor bounded, so a drain asks how much is left (TIOCOUTQ),
// waits about as long as that takes on the line, and asks again.
#include "drivers/serial/line_output.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

namespace visa::drivers::serial {
namespace {

using namespace std::chrono_literals;
using spi::WriteEnd;

/// At most this much goes to the kernel between two looks at the clock and the cancel token.
constexpr std::size_t kMostAtOnce = std::size_t{64} * 1024;
constexpr std::size_t kMaskPiece = 4096;

/// Between two looks at what is left: a line may stand still and go on at any moment.
constexpr std::chrono::milliseconds kLongestLook{20};
/// A port that is ready but takes nothing is asked again after this time.
constexpr std::chrono::milliseconds kReluctant{5};

/// What a chip may keep of what the kernel has given it: that of an FT2232H.
constexpr std::int64_t kLargestChip = 4096;

std::int64_t now() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

/// Two pieces as one write.
std::array<iovec, 2> pieces_of(std::span<const std::byte> data, const std::byte* after) noexcept {
  return {{{const_cast<std::byte*>(data.data()), data.size()},
           {const_cast<std::byte*>(after), after == nullptr ? 0U : 1U}}};
}

}  // namespace

std::size_t LineOutput::waiting() const noexcept {
  if (keeps_none_) return 0;
  int left = 0;
  // A port that does not tell has nothing to wait for.
  if (::ioctl(tty_.fd(), TIOCOUTQ, &left) != 0 || left < 0) return 0;
  return static_cast<std::size_t>(left);
}

std::size_t LineOutput::drop() noexcept {
  const std::size_t left = waiting();
  if (left > 0) ::ioctl(tty_.fd(), TCFLSH, TCOFLUSH);
  return left;
}

// Some converters never say that their transmitter is empty (QEMU's is one). A chip keeps no more
// than kLargestChip, so after the time for that its word means nothing.
bool LineOutput::chip_is_empty() const noexcept {
  unsigned state = 0;
  if (::ioctl(tty_.fd(), TIOCSERGETLSR, &state) != 0 || (state & TIOCSER_TEMT) != 0) return true;
  const std::int64_t sent = last_sent_.load(std::memory_order_relaxed);
  return sent == 0 || now() - sent > kLargestChip * byte_time_.load(std::memory_order_relaxed);
}

Status LineOutput::drain(std::size_t allowed, Left from, Call& call) {
  for (;;) {
    const std::size_t left = waiting();
    if (left <= allowed && (from == Left::kernel || chip_is_empty())) return Status::success;
    if (call.cancelled()) return Status::error_abort;
    if (call.deadline.expired()) return Status::error_tmo;
    const std::chrono::nanoseconds needed(
        byte_time_.load(std::memory_order_relaxed) *
        static_cast<std::int64_t>(std::min(left - std::min(allowed, left), std::size_t{100'000})));
    const auto look = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(needed),
                                 std::chrono::milliseconds(1), kLongestLook);
    Call pause(call, std::min(call.deadline, Deadline::after(look)));
    const Status woken = poller_.wait(tty_.fd(), 0, pause);
    if (ok(woken) && !tty_.connected()) return tty_.hung_up(call);
    if (woken == Status::error_alloc) return woken;
  }
}

LineOutput::Sent LineOutput::send(std::span<const std::byte> data, const std::byte* after,
                                  Call& call) {
  Sent sent;
  const std::size_t all = data.size() + (after == nullptr ? 0 : 1);
  bool waited = false;
  while (sent.count < all) {
    if (call.cancelled()) {
      sent.status = Status::error_abort;
      return sent;
    }
    const bool last = data.size() - std::min(sent.count, data.size()) <= kMostAtOnce;
    const auto rest = data.subspan(std::min(sent.count, data.size()));
    const auto pieces =
        pieces_of(rest.first(std::min(rest.size(), kMostAtOnce)), last ? after : nullptr);
    const ssize_t went = pieces[1].iov_len == 0
                             ? ::write(tty_.fd(), pieces[0].iov_base, pieces[0].iov_len)
                             : ::writev(tty_.fd(), pieces.data(), 2);
    if (went > 0) {
      sent.count += static_cast<std::size_t>(went);
      waited = false;
      if (sent.count == all || call.deadline.is_immediate() || !call.deadline.expired()) continue;
      sent.status = Status::error_tmo;
      return sent;
    }
    if (went < 0 && errno == EINTR) continue;
    if (went < 0 && errno != EAGAIN) {
      sent.status = tty_.fail(errno, call);
      return sent;
    }
    Call pause(call, waited ? std::min(call.deadline, Deadline::after(kReluctant)) : call.deadline);
    const Status ready = poller_.wait(tty_.fd(), waited ? short{0} : short{POLLOUT}, pause);
    const bool reluctant = waited && ready == Status::error_tmo && !call.deadline.expired();
    waited = !waited;
    if (failed(ready) && !reluctant) {
      sent.status = ready;
      return sent;
    }
  }
  return sent;
}

// The highest data bit is clear in every byte, except in the last one where that marks the end.
LineOutput::Sent LineOutput::send_masked(std::span<const std::byte> data,
                                         const spi::WriteRule& rule, std::uint8_t last_bit,
                                         Call& call) {
  Sent whole;
  std::array<std::byte, kMaskPiece> masked;
  const std::byte bit{last_bit};
  while (whole.count < data.size() && ok(whole.status)) {
    const auto piece = data.subspan(whole.count, std::min(data.size() - whole.count, kMaskPiece));
    std::transform(piece.begin(), piece.end(), masked.begin(),
                   [&](std::byte byte) { return byte & ~bit; });
    const bool last = whole.count + piece.size() == data.size();
    if (last && rule.end == WriteEnd::last_bit) masked[piece.size() - 1] |= bit;
    const Sent sent = send(std::span(masked).first(piece.size()), nullptr, call);
    whole.status = sent.status;
    whole.count += sent.count;
  }
  return whole;
}

spi::WriteResult LineOutput::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                   std::uint8_t last_bit, std::chrono::milliseconds break_length,
                                   Call& call) {
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return {pass.status(), 0};
  const std::byte termchar{rule.termchar};
  Sent sent = rule.masks_last_bit
                  ? send_masked(data, rule, last_bit, call)
                  : send(data, rule.end == WriteEnd::termchar ? &termchar : nullptr, call);
  if (sent.count > 0) last_sent_.store(now(), std::memory_order_relaxed);
  // VI_TMO_IMMEDIATE allows no wait: the kernel sends what it took.
  if (ok(sent.status) && !call.deadline.is_immediate()) {
    const bool breaks = rule.end == WriteEnd::break_;
    sent.status = breaks ? drain(0, Left::line, call)
                         : drain(may_wait_.load(std::memory_order_relaxed), Left::kernel, call);
    if (ok(sent.status) && breaks) sent.status = hold_break(break_length, call);
  }
  if (sent.status == Status::error_tmo || sent.status == Status::error_abort) {
    sent.count -= std::min(drop(), sent.count);
  }
  if (sent.status == Status::error_tmo) {
    tty_.refuse(sent.status,
                "the instrument does not take the data in time; is flow control as it expects, and "
                "the timeout long enough for this baud rate?",
                call);
  }
  return {sent.status, std::min(sent.count, data.size())};
}

Status LineOutput::hold_break(std::chrono::milliseconds length, Call& call) {
  if (::ioctl(tty_.fd(), TIOCSBRK) != 0) {
    return tty_.refuse(Status::error_nsup_oper, "the port cannot send a break", call);
  }
  struct Ending {
    int fd;
    ~Ending() { ::ioctl(fd, TIOCCBRK); }
  } const ending{tty_.fd()};
  const Deadline end = Deadline::after(length);
  Call pause(call, std::min(call.deadline, end));
  const Status over = poller_.wait(tty_.fd(), 0, pause);
  if (over != Status::error_tmo) return ok(over) ? tty_.hung_up(call) : over;
  return end.expired() ? Status::success : Status::error_tmo;
}

Status LineOutput::flush(bool discard, Call& call) {
  if (discard) {
    drop();
    return Status::success;
  }
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return pass.status();
  const Status drained = drain(0, Left::kernel, call);
  if (drained == Status::error_tmo) {
    return tty_.refuse(drained, "the instrument does not take the data in time", call);
  }
  return drained;
}

Status LineOutput::abandon_with_break(std::chrono::milliseconds length, Call& call) {
  drop();  // also what another session waits for
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return pass.status();
  drop();
  // A timeout shorter than the break shortens the break.
  const Status held = hold_break(length, call);
  const bool short_break = held == Status::error_tmo || held == Status::error_nsup_oper;
  return short_break ? Status::success : held;
}

void LineOutput::finish(Call& call) noexcept {
  if (tty_.lost()) return;
  if (drain(0, Left::kernel, call) != Status::success) drop();
}

bool LineOutput::resize(std::uint32_t size) noexcept {
  if (size > kMostWaiting) return false;
  may_wait_.store(size, std::memory_order_relaxed);
  return true;
}

void LineOutput::wake() noexcept {
  gate_.wake();
  poller_.wake();
}

}  // namespace visa::drivers::serial
