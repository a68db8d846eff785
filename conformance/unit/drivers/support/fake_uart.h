// SPDX-License-Identifier: MIT
// A pseudo-terminal that passes for a chip: it has modem lines, counts errors, knows every line
// setting, breaks and RS-485, as the test says. The ioctls that a pseudo-terminal lacks are
// answered here, by wrapping ioctl at link time; all others go to the kernel. Any thread.
#pragma once

#include <asm/termbits.h>
#include <linux/serial.h>

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace visa::test {

/// What the chip has and what became of it. Lives as long as the test wants ioctls to be answered;
/// one at a time.
class FakeUart {
 public:
  FakeUart();
  ~FakeUart();
  FakeUart(const FakeUart&) = delete;
  FakeUart& operator=(const FakeUart&) = delete;

  /// TIOCM_*; nothing: the chip has no modem lines.
  void set_lines(std::optional<int> lines);
  int lines();
  /// What TIOCGICOUNT says; nothing: it does not count.
  void set_counters(std::optional<serial_icounter_struct> counters);
  /// Bytes that TIOCOUTQ says are left to send; TCOFLUSH takes them away.
  void set_unsent(int bytes);
  int unsent();
  /// Whether it says that its transmitter is empty; nothing: it does not say.
  void set_empty(std::optional<bool> empty);
  /// Whether the chip takes 5 to 7 data bits, parity, and any baud rate; what it does instead where
  /// `baud` is not 0.
  void set_baud(unsigned baud);
  /// "break on", "break off", "flush out", "rs485 3" and so on, in order.
  std::vector<std::string> diary();
  /// The flags of RS-485; nothing: the chip has none.
  void set_rs485(std::optional<unsigned> flags);
  /// Every request fails with this errno from now on, as after the converter was pulled out.
  void break_down(int error);
  /// The settings that the chip has now.
  std::optional<termios2> state();

  /// -2: the kernel has to answer.
  int answer(int fd, unsigned long request, void* argument);

 private:
  std::mutex mutex_;
  std::optional<int> lines_;
  std::optional<serial_icounter_struct> counters_;
  std::optional<unsigned> rs485_;
  std::optional<termios2> state_;
  std::vector<std::string> diary_;
  std::optional<bool> empty_;
  int unsent_ = 0;
  unsigned baud_ = 0;
  int error_ = 0;
};

/// How many ioctls this thread has made, whether a chip answered them or the kernel.
int ioctls_of_this_thread();

}  // namespace visa::test
