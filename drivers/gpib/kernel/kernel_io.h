// SPDX-License-Identifier: MIT
// The blocking requests to one open /dev/gpibN, inside the board's mutex. Used by one thread alone,
// because the kernel gives the mutex to a thread (KernelWorker's).
//
// Nothing but a signal ends a blocked request, and this library sends none. So a transfer waits in
// pieces of at most a second, by the board's own timeout, and goes on where it stopped: a limit of
// the deadline is kept to a millisecond, and a caller that has left (`given_up`) holds the board a
// second longer at most. The pieces are 1, 3, 10, 30, 100, 300 or 1000 ms, which adapters with a
// coarse timer have exactly (NI's round up to these).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "drivers/gpib/gpib_address.h"
#include "lib/base/deadline.h"

namespace visa::drivers::gpib::kernel {

/// How long a request may take, and whether its caller has left meanwhile.
struct Patience {
  Deadline until;
  const std::atomic<bool>& given_up;
  bool over() const noexcept { return given_up.load(std::memory_order_acquire) || until.expired(); }
};

/// How far a transfer came. `error` is an errno, 0 on success.
struct Moved {
  int error = 0;
  std::size_t count = 0;
  bool end = false;  // a read stopped at EOI, or at the termination character
};

class KernelIo {
 public:
  explicit KernelIo(int fd) noexcept : fd_(fd) {}

  /// Takes the mutex, however long another program has it. Returns an errno.
  int lock() noexcept;
  void unlock() noexcept;
  bool locked() const noexcept { return locked_; }

  // All of these need the mutex.
  Moved command(std::span<const std::byte> bytes, const Patience& patience) noexcept;
  Moved write(std::span<const std::byte> data, bool eoi, const Patience& patience) noexcept;
  Moved read(std::span<std::byte> into, std::optional<std::uint8_t> termchar,
             const Patience& patience) noexcept;
  /// Waits for the device's answer for a second at most, in one piece. Returns an errno.
  int serial_poll(const Address& device, std::uint8_t& status, const Patience& patience) noexcept;
  /// Any other request with the mutex. Returns an errno.
  int ask(unsigned long request, void* argument) noexcept;

 private:
  int prepare(const Patience& patience) noexcept;
  int set_timeout(std::uint32_t microseconds) noexcept;
  int set_end(std::optional<std::uint8_t> termchar) noexcept;
  Moved transfer(unsigned long request, void* bytes, std::size_t size, bool eoi,
                 const Patience& patience) noexcept;

  const int fd_;
  bool locked_ = false;
  // As set since the mutex was taken: other programs change them whenever they have it.
  std::optional<std::uint32_t> timeout_;
  std::optional<std::int32_t> end_;  // the termination character; -1: none
};

/// The piece of a wait, in microseconds, that is left until `until`.
std::uint32_t piece_of(Deadline until) noexcept;

}  // namespace visa::drivers::gpib::kernel
