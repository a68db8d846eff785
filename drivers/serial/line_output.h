// SPDX-License-Identifier: MIT
// What a port sends. A write returns when its bytes have left the kernel, unless viSetBuf has
// allowed some to wait there; after a timeout those that have not left are dropped, so that they
// cannot mix with the next message. Any thread; one at a time sends.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "drivers/common/gate.h"
#include "drivers/common/poller.h"
#include "drivers/serial/tty.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::serial {

class LineOutput {
 public:
  /// The kernel accepts about this much from one program at once.
  static constexpr std::uint32_t kMostWaiting = 4096;

  explicit LineOutput(Tty& tty) noexcept : tty_(tty), keeps_none_(is_pseudo_terminal(tty.fd())) {}

  /// Channel::write. `last_bit`: the bit that rule.masks_last_bit is about. `break_length`: of the
  /// break after the bytes where rule.end says so. The termination character of
  /// WriteEnd::termchar does not count.
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         std::uint8_t last_bit, std::chrono::milliseconds break_length, Call& call);

  /// Waits until nothing is left to send, then runs `body()` while no other thread sends. The
  /// status of the wait, or of the body.
  template <class Body>
  Status when_idle(Call& call, Body&& body) {
    const GatePass pass(gate_, call);
    if (failed(pass.status())) return pass.status();
    const Status drained = drain(0, Left::line, call);
    return failed(drained) ? drained : body();
  }

  /// viFlush of the output: waits until all has left, or drops it.
  Status flush(bool discard, Call& call);
  /// Drops what waits to be sent, then holds a break for `length`, or for what `call` permits.
  Status abandon_with_break(std::chrono::milliseconds length, Call& call);
  /// Before the port is closed: what has not left by the deadline is dropped, because the kernel
  /// would wait half a minute for it.
  void finish(Call& call) noexcept;

  /// False if the kernel cannot keep that much.
  bool resize(std::uint32_t size) noexcept;
  /// For estimates of how long bytes take.
  void set_byte_time(std::chrono::nanoseconds time) noexcept {
    byte_time_.store(time.count(), std::memory_order_relaxed);
  }

  void wake() noexcept;

 private:
  struct Sent {
    Status status = Status::success;
    std::size_t count = 0;
  };
  Sent send(std::span<const std::byte> data, const std::byte* after, Call& call);
  Sent send_masked(std::span<const std::byte> data, const spi::WriteRule& rule,
                   std::uint8_t last_bit, Call& call);
  /// What is waited for: that the bytes have left the kernel, or the chip as well, because what
  /// follows (a break, other settings) would damage those under way.
  enum class Left : std::uint8_t { kernel, line };
  Status drain(std::size_t allowed, Left left, Call& call);
  std::size_t waiting() const noexcept;
  bool chip_is_empty() const noexcept;
  Status hold_break(std::chrono::milliseconds length, Call& call);
  /// Drops what the kernel has not sent; how many bytes that were.
  std::size_t drop() noexcept;

  Tty& tty_;
  const bool keeps_none_;  // the port keeps no bytes: a pseudo-terminal, which has no line
  Gate gate_;
  Poller poller_;
  std::atomic<std::int64_t> byte_time_{1'041'667};  // 9600 baud, 10 bits
  std::atomic<std::int64_t> last_sent_{0};          // when; of steady_clock, 0: nothing yet
  std::atomic<std::uint32_t> may_wait_{0};
};

}  // namespace visa::drivers::serial
